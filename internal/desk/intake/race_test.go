//go:build race

package intake_test

// sparser reads fewer mails of the corpus: the race detector makes the embedded
// database some thirty times slower.
const sparser = 12
