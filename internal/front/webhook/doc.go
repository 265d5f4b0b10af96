// Package webhook is where the other sides of channels call us: one address an
// inbox, /hook/{inbox}. The channel checks the call and takes it apart; the call
// is answered only after every delivery in it is safe, so that whoever calls
// sends it again after anything else.
//
// A call that cannot be believed is refused and leaves nothing. One that is
// believed and not understood is accepted as far as the channel can keep it.
package webhook
