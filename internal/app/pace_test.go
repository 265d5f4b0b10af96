package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
)

// dial opens a raw connection to the instance.
func (s *site) dial() net.Conn {
	s.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.app.URL(), "http://"))
	s.must(err)
	s.Cleanup(func() { _ = c.Close() })
	return c
}

func impatient(c *app.Config) {
	c.ReadTimeout, c.UploadTimeout, c.WriteTimeout = 500*time.Millisecond, 3*time.Second, time.Second
}

// TestSlowBodiesEnd lets a body come byte by byte: a form is cut off after its
// time, a file has longer, and work that takes longer than the body may take is
// not disturbed.
func TestSlowBodiesEnd(t *testing.T) {
	s := open(t, "", impatient)
	head := func(path, kind string, size int) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, s.key, kind, size)
	}
	file := "--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\nContent-Type: text/plain\r\n\r\nslow\r\n--b--\r\n"
	for _, c := range []struct {
		name, path, kind, body string
		pause                  time.Duration
		want                   int // 0: the connection ends without an answer, or with 408
	}{
		{"a form too slow", "/api/v1/tags", "application/json", `{"name":"slow"}`, 900 * time.Millisecond, 408},
		{"a form in time", "/api/v1/tags", "application/json", `{"name":"fast"}`, 100 * time.Millisecond, 201},
		{"a file slower than a form may be", "/api/v1/attachments", "multipart/form-data; boundary=b", file, 1200 * time.Millisecond, 201},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := s.dial()
			_, err := io.WriteString(conn, head(c.path, c.kind, len(c.body))+c.body[:5])
			s.must(err)
			time.Sleep(c.pause)
			_, err = io.WriteString(conn, c.body[5:])
			s.must(err)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := io.ReadAll(res.Body); res.StatusCode != c.want {
				t.Errorf("%d, want %d: %s", res.StatusCode, c.want, b)
			}
		})
	}
}

// TestSlowHeadsEnd sends a header without an end, and one too large.
func TestSlowHeadsEnd(t *testing.T) {
	s := open(t, "", nil)
	conn := s.dial()
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: desk\r\nX-Much: "+strings.Repeat("x", 80<<10)+"\r\n\r\n")
	s.must(err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	s.must(err)
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 80 KiB: %d", res.StatusCode)
	}
}

// TestReadersThatStopEnd asks for much and takes nothing: the answer ends, and the
// instance stops without waiting for the grace.
func TestReadersThatStopEnd(t *testing.T) {
	s := open(t, "", impatient)
	var up bytes.Buffer
	up.WriteString("--b\r\nContent-Disposition: form-data; name=file; filename=a.bin\r\nContent-Type: application/octet-stream\r\n\r\n")
	up.Write(make([]byte, 20<<20))
	up.WriteString("\r\n--b--\r\n")
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.app.URL()+"/api/v1/attachments", &up)
	s.must(err)
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	b, err := io.ReadAll(res.Body)
	s.must(err)
	id, _, _ := strings.Cut(string(b[strings.Index(string(b), `"id":"`)+6:]), `"`)
	conn := s.dial()
	_, err = fmt.Fprintf(conn, "GET /api/v1/attachments/%s HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer %s\r\n\r\n", id, s.key)
	s.must(err)
	line, err := bufio.NewReaderSize(conn, 64).ReadString('\n')
	if err != nil || !strings.Contains(line, "200") {
		t.Fatalf("%q %v", line, err)
	}
	time.Sleep(1500 * time.Millisecond)
	began := time.Now()
	s.stop()
	if took := time.Since(began); took > 4*time.Second || strings.Contains(s.log.String(), "requests were cut") {
		t.Errorf("a reader that takes nothing held the instance for %s\n%s", took, s.log)
	}
}
