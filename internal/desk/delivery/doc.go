// Package delivery is the outbox: letters on their way, each with a visible state.
package delivery
