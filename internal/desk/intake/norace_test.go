//go:build !race

package intake_test

const sparser = 1
