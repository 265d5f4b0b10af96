// Package hostile attacks the product as its enemies would: through its real
// doors, HTTP and SMTP over TCP, on both databases. What it promises stands in
// SECURITY.md; each promise is a test here or beside the code that keeps it.
package hostile
