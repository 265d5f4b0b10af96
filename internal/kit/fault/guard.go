package fault

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// PanicError is a panic that was caught at a border.
type PanicError struct {
	Value any
	Stack string // for the log only
}

// Error implements error. It leaves the stack out: the text may reach people.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Guard runs fn and turns a panic into a *PanicError, so that it costs one
// message or one round and never the process. A goroutine of its own is such a
// border: nobody else can catch what panics in it.
func Guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: string(debug.Stack())}
		}
	}()
	return fn()
}

// Stack returns where err panicked, "" if it did not.
func Stack(err error) string {
	var p *PanicError
	if errors.As(err, &p) {
		return p.Stack
	}
	return ""
}
