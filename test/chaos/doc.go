// Package chaos kills the running product, again and again, while mail comes in
// and answers go out, and then looks for what was lost or done twice.
//
// It runs with `make chaos` (KINTSUGI_CHAOS says for how long), on both databases.
package chaos
