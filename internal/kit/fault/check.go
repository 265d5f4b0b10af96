package fault

// Check collects wrong fields while input is examined, so that a form learns
// of all its errors at once. The zero value is ready.
type Check struct{ fields []Field }

// Add notes a wrong field.
func (c *Check) Add(path, key string, args ...any) {
	c.fields = append(c.fields, Field{Path: path, Key: key, Args: pairs(args)})
}

// Require notes path as missing when ok is false.
func (c *Check) Require(ok bool, path string) {
	if !ok {
		c.Add(path, "error.field.required")
	}
}

// That notes path with key when ok is false.
func (c *Check) That(ok bool, path, key string, args ...any) {
	if !ok {
		c.Add(path, key, args...)
	}
}

// Err returns nil when nothing was noted, else one Invalid error with all fields.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "error.invalid", Fields: c.fields}
}
