// Package deploy lints what an operator copies: the systemd unit and the
// container file must name flags that exist and drop what is not needed.
package deploy
