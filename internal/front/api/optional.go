package api

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Optional is a member of a request that may be absent, null or a value, and
// where the three mean three things: leave it, clear it, set it.
type Optional[T any] struct {
	Present bool
	Value   T // zero for null
}

// UnmarshalJSON implements json.Unmarshaler; it is called for null too.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	o.Present = true
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	return json.Unmarshal(b, &o.Value)
}

// Schema implements huma.SchemaProvider: the value's schema, or null.
func (o Optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeFor[T]())
	s.Nullable = true
	return &s
}

// set returns where the value stands, nil if the member was absent.
func (o Optional[T]) set() *T {
	if !o.Present {
		return nil
	}
	return &o.Value
}
