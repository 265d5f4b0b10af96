package sqldb

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Millis is a time as stored: milliseconds UTC. The zero time is NULL.
func Millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// At scans stored milliseconds into t; NULL becomes the zero time.
func At(t *time.Time) *TimeScan { return &TimeScan{t} }

// TimeScan is the scanner behind At.
type TimeScan struct{ to *time.Time }

// Scan implements sql.Scanner.
func (s *TimeScan) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s.to = time.Time{}
	case int64:
		*s.to = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("time stored as %T, want milliseconds", src)
	}
	return nil
}

// In makes the placeholders of an IN list, "$from, $from+1, …", and its arguments.
func In[S ~string](from int, values []S) (marks string, args []any) {
	args = make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	return Marks(from, len(values)), args
}

// Marks returns n placeholders, "$from, $from+1, …".
func Marks(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// Null is s as stored where empty means NULL (foreign keys).
func Null[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// Str scans text into s; NULL becomes "".
func Str[S ~string](s *S) *StrScan[S] { return &StrScan[S]{s} }

// StrScan is the scanner behind Str.
type StrScan[S ~string] struct{ to *S }

// Scan implements sql.Scanner.
func (s *StrScan[S]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s.to = ""
	case string:
		*s.to = S(v)
	case []byte:
		*s.to = S(v)
	default:
		return fmt.Errorf("text stored as %T", src)
	}
	return nil
}

// JSON wraps a value that is stored as JSON text: pass JSON{v} to write, JSON{&v} to scan.
type JSON struct{ V any }

// Value implements driver.Valuer.
func (j JSON) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner; NULL leaves the value as it is.
func (j JSON) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), j.V)
	case []byte:
		return json.Unmarshal(v, j.V)
	default:
		return fmt.Errorf("JSON stored as %T", src)
	}
}
