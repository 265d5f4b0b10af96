// Package insight computes the numbers of the Loop page and a customer's
// timeline. It reads the tables of all slices and writes none; definitions are
// those of package stat and of the comments here.
//
// Every number comes with its n and opens the rows behind it: [Rows] lists, and
// [WriteCSV] exports, exactly the rows that [Loop] counted. Rates pool counts;
// nothing averages rates or percentiles. Without a denominator a number is nil,
// never 0. Experience numbers belong to the time of the answer, operational ones
// to the time of the event.
//
// Costs: every query is a range scan of an index that begins with the brand, and
// what is counted often is answered from the index alone. Satisfaction is grouped
// in the database to quarters of an hour, so a year of a million answers comes
// back as some ten thousand rows. What still reads one entry each are first
// response and resolution, as business time needs both ends: about ten
// microseconds a conversation, two seconds for 150,000 of them. Past that their
// durations belong into roll-ups by day, as mergeable stat.Sketch, kept by the
// day on which an interval ended and made again when business hours change.
// Pages of rows cost the same however long the period is.
package insight
