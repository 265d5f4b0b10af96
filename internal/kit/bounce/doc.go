// Package bounce reads what mail servers say about mail of ours: delivery
// status notifications (RFC 3464), abuse reports (ARF), and the free prose of
// the many servers that follow no standard.
package bounce
