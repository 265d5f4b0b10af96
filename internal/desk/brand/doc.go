// Package brand keeps the faces of the company: each brand has a name, a
// language, a time zone, business hours and a colour.
//
// Invariants: the hours can always be made into a calendar, and they stand in
// the brand's own zone.
//
// Facts out: brand.updated, also for a new brand.
package brand
