// Package api is the product's HTTP interface under /api/v1: plain resources in
// JSON, described by OpenAPI 3.1 that is made from the same types. It turns
// requests into commands of the slices and errors into problem documents in the
// reader's language; it decides nothing itself except who may call what, and
// that stands beside each route.
//
// How to add a resource: a file named after it with its JSON types and a function
// of *Routes, addThings, that registers its operations with Handle and takes what
// it needs from Deps; a call of it in New, in api.go.
package api
