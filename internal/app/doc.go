// Package app is the only package that knows everything. New builds the slices
// from the ground up and connects them, facts.go is the one table of who listens
// to which fact, and Run lists everything that runs.
//
// It also holds what an operator needs of an instance as a whole: its
// configuration, its health and metrics, backup and restore.
package app
