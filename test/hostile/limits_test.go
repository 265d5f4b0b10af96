package hostile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// serveDir names the data folder with which the test binary is a server.
const serveDir = "KINTSUGI_HOSTILE_SERVE"

// serveForever runs an instance until its standard input ends. It prints where
// it answers and an administrator's session.
func serveForever(dir string) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := serveOne(ctx, stop, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serveOne(ctx context.Context, stop func(), dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	a, err := app.New(ctx, app.Config{DataDir: dir, HTTP: address, SMTP: "127.0.0.1:0", PublicURL: "https://desk.example", Relaxed: true, Version: "limits"})
	if err != nil {
		return err
	}
	in := a.Inside()
	name, lang, mode, yes, box := "Shop", "en", "smtp", true, support
	b, err := in.Brands.Create(ctx, system(), brand.Change{Name: &name, Locale: &lang})
	if err != nil {
		return err
	}
	none := "none"
	if _, err := in.Inboxes.Create(ctx, system(), inbox.Change{BrandID: &b.ID, Name: &box, Address: &box, Active: &yes, Receive: &inbox.ReceiveChange{Mode: &mode}, Send: &inbox.SendChange{Mode: &none}}); err != nil {
		return err
	}
	_, token, err := in.Agents.CreateKey(ctx, system(), team.NewKey{Name: "limits", Role: team.Administrator})
	if err != nil {
		return err
	}
	if err := a.Listen(); err != nil {
		return err
	}
	fmt.Println(address, a.MailAddress(), token)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is what matters
		stop()
	}()
	return errors.Join(a.Run(ctx), a.Close())
}

// server is an instance in a process of its own.
type server struct {
	*testing.T
	cmd             *exec.Cmd
	dir, http, smtp string
	key             string
}

// launch starts an instance whose temporary files lie in a folder of their own.
func launch(t *testing.T) *server {
	t.Helper()
	s := &server{T: t, dir: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(s.dir, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(os.Args[0])
	s.cmd.Env = append(os.Environ(), serveDir+"="+filepath.Join(s.dir, "data"), "TMPDIR="+filepath.Join(s.dir, "tmp"))
	s.cmd.Stderr = t.Output()
	in, err := s.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // tells it to end
		if err := s.cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	if _, err := fmt.Fscan(bufio.NewReader(out), &s.http, &s.smtp, &s.key); err != nil {
		t.Fatalf("the server does not start: %v", err)
	}
	return s
}

// memory is what the process has at most had in memory, in bytes.
func (s *server) memory() int64 {
	s.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.Skipf("memory is measured on Linux only: %v", err)
	}
	for line := range strings.Lines(string(b)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	s.Fatal("no VmHWM")
	return 0
}

// left is what lies in a folder of the server.
func (s *server) left(folder string) (names []string, size int64) {
	s.Helper()
	err := filepath.WalkDir(filepath.Join(s.dir, folder), func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			names, size = append(names, p), size+info.Size()
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return names, size
}

// tidy wants the server's temporary files gone: they go when an answer has been
// sent, so it waits for a moment.
func (s *server) tidy() {
	s.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		names, size := s.left("tmp")
		if len(names) == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.Errorf("%d temporary files of %d bytes stay: %v", len(names), size, names[0])
			return
		}
	}
}

// zeros gives n bytes without holding them.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

// Read implements io.Reader.
func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

const (
	fileSize = 25 << 20
	// ceiling is what the process may hold while all send at once: 200 files of
	// 25 MB are 5 GB.
	ceiling = 700 << 20
	// fullLoad names the variable that asks for all 200; without it fewer send.
	fullLoad = "KINTSUGI_FULL_LOAD"
)

// upload sends a file of n bytes at once.
func (s *server) upload(n int64) (int, error) {
	body, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		part, err := form.CreateFormFile("file", "zeros.bin")
		if err == nil {
			_, err = io.Copy(part, zeros(n))
		}
		_ = w.CloseWithError(errors.Join(err, form.Close())) // the reader is told
	}()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "http://"+s.http+api.Base+"/attachments", body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+s.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, res.Body) // only the status is looked at
	return res.StatusCode, res.Body.Close()
}

// submit sends a mail with an attachment of n bytes by SMTP.
func (s *server) submit(i int, n int64) error {
	c, err := smtp.Dial(s.smtp)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // Quit says how it went
	if err := errors.Join(c.Mail("ana@customer.example"), c.Rcpt(support)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "From: ana@customer.example\r\nSubject: big\r\nMessage-ID: <big%d@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n", i)
	line := []byte(strings.Repeat("AAAA", 19) + "\r\n")
	for sent := int64(0); err == nil && sent < n*4/3; sent += int64(len(line)) {
		_, err = w.Write(line)
	}
	if err == nil {
		_, err = io.WriteString(w, "\r\n--b--\r\n")
	}
	return errors.Join(err, w.Close())
}

// at runs fn for 0 to n-1, all at once.
func at(n int, fn func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

// TestManyUploadsAtOnce: many files of 25 MB at once, by HTTP and then by mail,
// cost little memory and leave nothing lying about. KINTSUGI_FULL_LOAD=1 makes
// them two hundred.
func TestManyUploadsAtOnce(t *testing.T) {
	many := 40
	if os.Getenv(fullLoad) != "" {
		many = 200
	}
	if testing.Short() {
		t.Skip("a gigabyte")
	}
	s := launch(t)
	var refused atomic.Int64
	idle := s.memory()
	at(many, func(int) {
		if status, err := s.upload(fileSize - 1<<10); err != nil || status != http.StatusCreated {
			refused.Add(1)
			t.Logf("an upload: %d %v", status, err)
		}
	})
	uploads := s.memory()
	if n := refused.Load(); n > 0 {
		t.Errorf("%d of %d uploads were refused", n, many)
	}
	s.tidy()
	if names, size := s.left("data/blobs"); len(names) != 1 || size != fileSize-1<<10 {
		t.Errorf("%d blobs of %d bytes are kept of one content", len(names), size)
	}
	// By mail at most 20 connections of one address are let in: the others are
	// told to come later, and do.
	var turned atomic.Int64
	at(many, func(i int) {
		for {
			err := s.submit(i, fileSize)
			var code *textproto.Error
			if errors.As(err, &code) && code.Code == 421 || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) {
				turned.Add(1)
				time.Sleep(200 * time.Millisecond)
				continue
			}
			if err != nil {
				t.Errorf("mail %d: %v", i, err)
			}
			return
		}
	})
	mail := s.memory()
	s.tidy()
	t.Logf("memory at most: idle %d MB, after %d uploads %d MB, after %d mails %d MB; %d connections were put off", idle>>20, many, uploads>>20, many, mail>>20, turned.Load())
	if !raced && (uploads > ceiling || mail > ceiling) {
		t.Errorf("more than %d MB", ceiling>>20)
	}
}

// TestRefusalsLeaveNothing exceeds every limit and looks for what is left over.
func TestRefusalsLeaveNothing(t *testing.T) {
	s := launch(t)
	get := func(path string, headers ...string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.http+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.key)
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }() // read only
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	for _, n := range []int64{fileSize + 1, 2 * fileSize, 10 * fileSize} {
		if status, err := s.upload(n); err == nil && status != http.StatusRequestEntityTooLarge {
			t.Errorf("a file of %d bytes: %d", n, status)
		}
	}
	// A sender who goes away in the middle.
	conn, err := net.Dial("tcp", s.http)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST %s/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n%s", api.Base, s.key, strings.Repeat("x", 1<<20))
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	err = s.submit(1, 60<<20)
	var code *textproto.Error
	if !errors.As(err, &code) || code.Code != 552 {
		t.Errorf("a mail of 80 MB: %v", err)
	}
	// And one who goes away in the middle of a mail.
	if conn, err = net.Dial("tcp", s.smtp); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA\r\n%s", support, strings.Repeat("Subject: x\r\n\r\n"+strings.Repeat("y", 900)+"\r\n", 2000))
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := get(api.Base+"/conversations", "X-Big", strings.Repeat("x", 100<<10)); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 100 kB: %d %.200s", status, body)
	}
	for path, want := range map[string]int{"/conversations?limit=201": 422, "/conversations?limit=0": 422, "/ledger?limit=100000": 422, "/customers?limit=-1": 422, "/search?q=" + strings.Repeat("a", 301): 422, "/conversations?cursor=" + strings.Repeat("a", 301): 422} {
		if status, body := get(api.Base + path); status != want || !strings.Contains(body, "detail") {
			t.Errorf("%.60s: %d %.200s", path, status, body)
		}
	}
	for path, body := range map[string]string{"/tags": `{"name":"` + strings.Repeat("長", 5000) + `"}`, "/tags ": `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, "/keys": strings.Repeat("[", 100_000), "/brands": `{"name":"` + strings.Repeat("x", 100_000) + `"}`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.http+api.Base+strings.TrimSpace(path), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.key)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("%s of %d bytes: %d", path, len(body), res.StatusCode)
		}
		_ = res.Body.Close() // only the status is looked at
	}
	// Connections of one address by SMTP: the twenty-first is told to come later.
	var open []net.Conn
	for i := range 25 {
		c, err := net.Dial("tcp", s.smtp)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
		line, err := bufio.NewReader(c).ReadString('\n')
		if want := i < 20; err != nil || strings.HasPrefix(line, "220") != want || !want && !strings.HasPrefix(line, "421") {
			t.Errorf("connection %d: %q %v", i+1, line, err)
		}
	}
	for _, c := range open {
		_ = c.Close() // it may be closed already
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		tmp, _ := s.left("tmp")
		blobs, _ := s.left("data/blobs")
		_, ledger := get(api.Base + "/ledger")
		if len(tmp) == 0 && len(blobs) == 0 && strings.Contains(ledger, `"items":[]`) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left over: %v %v %s", tmp, blobs, ledger)
		}
	}
}

// gzipped is n zero bytes, packed.
func gzipped(n int) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for range n >> 20 {
		_, _ = w.Write(make([]byte, 1<<20)) // a buffer never fails
	}
	_ = w.Close()
	return b.String()
}

// wrapped is base64 in lines.
func wrapped(s string) string {
	coded := base64.StdEncoding.EncodeToString([]byte(s))
	var b strings.Builder
	for len(coded) > 76 {
		b.WriteString(coded[:76] + "\n")
		coded = coded[76:]
	}
	return b.String() + coded
}

// debris is what lies in the blob folder: files, and their bytes.
func (d *desk) debris() (files int, size int64) {
	d.Helper()
	d.must(filepath.WalkDir(filepath.Join(d.dir, "blobs"), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			files, size = files+1, size+info.Size()
		}
		return err
	}))
	return files, size
}
