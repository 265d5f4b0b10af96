// Package review takes reviews in that were written elsewhere: a file of rows, as
// review sites and shops export them, becomes conversations of an open door.
//
// Every row goes through intake like a delivery, named by its site and its id
// there: the same file twice, or a newer one that holds the old rows too, changes
// nothing. Each review is somebody of its own, as a name alone makes nobody known.
//
// What cannot be read is said by line; the other rows are taken all the same.
package review
