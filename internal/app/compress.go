package app

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// compressFrom is how many bytes of an answer are worth compressing.
const compressFrom = 1400 // what one packet holds

// compressed answers questions of pages that read in compressed form: a list of
// fifty conversations is eight times smaller so. Only JSON that is read is
// compressed; files, streams and what a change returns go as they are.
func compressed(next http.Handler) http.Handler {
	writers := &sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one of the package's own
		}
		return w
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.URL.Path, "/api/") || r.Header.Get("Upgrade") != "" ||
			!strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		z := &zipWriter{ResponseWriter: w, writers: writers, status: http.StatusOK}
		next.ServeHTTP(z, r)
		z.close() // not after a panic, which is answered by whoever catches it
	})
}

// zipWriter decides at the first bytes whether an answer is compressed.
type zipWriter struct {
	http.ResponseWriter
	writers *sync.Pool
	zip     *gzip.Writer
	status  int
	decided bool
}

// WriteHeader implements http.ResponseWriter. The status waits for the first
// bytes, as compression is told in the header.
func (z *zipWriter) WriteHeader(status int) {
	if status < http.StatusOK || status == http.StatusNoContent || status == http.StatusNotModified {
		z.decided = true
		z.ResponseWriter.WriteHeader(status)
		return
	}
	z.status = status
}

// Write implements http.ResponseWriter.
func (z *zipWriter) Write(b []byte) (int, error) {
	if !z.decided {
		z.decide(len(b))
	}
	if z.zip != nil {
		return z.zip.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

func (z *zipWriter) decide(n int) {
	z.decided = true
	h := z.Header()
	if n >= compressFrom && h.Get("Content-Encoding") == "" && h.Get("Content-Length") == "" && strings.Contains(h.Get("Content-Type"), "json") {
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		z.zip = z.writers.Get().(*gzip.Writer)
		z.zip.Reset(z.ResponseWriter)
	}
	z.ResponseWriter.WriteHeader(z.status)
}

// close ends the compressed form and sends a status that had no bytes.
func (z *zipWriter) close() {
	if !z.decided {
		z.decide(0)
	}
	if z.zip != nil {
		_ = z.zip.Close() // a client that went away needs nothing more
		z.zip.Reset(nil)
		z.writers.Put(z.zip)
	}
}

// FlushError implements http.ResponseController's Flush.
func (z *zipWriter) FlushError() error {
	if !z.decided {
		z.decide(0)
	}
	if z.zip != nil {
		if err := z.zip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(z.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController set deadlines of the connection.
func (z *zipWriter) Unwrap() http.ResponseWriter { return z.ResponseWriter }
