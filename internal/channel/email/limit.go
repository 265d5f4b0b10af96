package email

import "time"

// limits bounds what a server can make us wait for and hold.
type limits struct {
	message int64         // bytes of a message that is fetched whole
	header  int64         // bytes of the header that stands in for a larger one
	group   int64         // bytes fetched in one command
	count   int           // messages asked about in one command
	answer  time.Duration // silence in the middle of a command or of a transfer
	submit  time.Duration // wait for the answer to the final dot (RFC 5321 4.5.3.2.6)
	linger  time.Duration // wait for that answer while the product is stopping
	poll    time.Duration // between looks when the server cannot tell us, or several folders are read
	idle    time.Duration // between looks when it can: some servers forget to
	retry   time.Duration // after the first failure; doubles
	longest time.Duration // between retries
}

func defaultLimits() limits {
	return limits{
		message: 50 << 20,
		header:  256 << 10,
		group:   8 << 20,
		count:   100,
		answer:  2 * time.Minute,
		submit:  10 * time.Minute,
		linger:  20 * time.Second,
		poll:    time.Minute,
		idle:    9 * time.Minute,
		retry:   time.Second,
		longest: 5 * time.Minute,
	}
}
