// Package insight computes the numbers of the Loop page and a customer's
// timeline. It reads the tables of all slices and writes only its own
// roll-ups; definitions are those of package stat and of the comments here.
//
// Every number comes with its n and opens the rows behind it: [Rows] lists, and
// [WriteCSV] exports, exactly the rows that [Loop] counted. Rates pool counts;
// nothing averages rates or percentiles. Without a denominator a number is nil,
// never 0. Experience numbers belong to the time of the answer, operational ones
// to the time of the event.
//
// Costs: what grows with every conversation (answers, first responses and
// resolutions) is counted once a day and stored as a tally of that local day;
// see rollup.go. A report puts days together: percentiles are exact as long as no
// day has more than 600 values and the period no more than 10,000, and within
// one percent beyond. Cases, promises and causes are few and counted from their
// rows, by indexes that begin with the brand. Pages of rows cost the same however
// long the period is.
package insight
