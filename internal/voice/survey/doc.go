// Package survey asks customers how satisfied they are and keeps what they answer.
package survey
