package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// conn is one kept connection to the server that asks one thing after the
// other, and costs little itself: client and server share the machine.
type conn struct {
	net    net.Conn
	in     *bufio.Reader
	header string
	host   string
}

// dial opens a connection whose requests bear one header line ("Cookie: …").
func (d *desk) dial(header string) (*conn, error) {
	c, err := net.Dial("tcp", d.web)
	if err != nil {
		return nil, err
	}
	return &conn{net: c, in: bufio.NewReaderSize(c, 64<<10), header: header, host: d.web}, nil
}

func (c *conn) close() { _ = c.net.Close() }

// ask sends a request below the API and returns the answer's body; any status
// that is no success is an error.
func (c *conn) ask(method, path string, body []byte) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s /api/v1%s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, path, c.host, c.header)
	if body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	if _, err := c.net.Write(b.Bytes()); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %s", method, path, res.Status, out)
	}
	return out, err
}

func (c *conn) get(path string) ([]byte, error) { return c.ask(http.MethodGet, path, nil) }

// time asks n times and returns the milliseconds of each.
func (c *conn) time(path string, n int) ([]float64, error) {
	out := make([]float64, 0, n)
	for range n {
		started := time.Now()
		if _, err := c.get(path); err != nil {
			return nil, err
		}
		out = append(out, milliseconds(started))
	}
	return out, nil
}

// call is for what is not measured: an administrator's request.
func (d *desk) call(_ context.Context, method, path string, body, into any) error {
	c, err := d.dial(d.boss)
	if err != nil {
		return err
	}
	defer c.close()
	var raw []byte
	if body != nil {
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	out, err := c.ask(method, path, raw)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// signIn returns the header line of a session.
func (d *desk) signIn(email, password string) (string, error) {
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		return "", err
	}
	res, err := http.Post("http://"+d.web+"/api/v1/session", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	for _, k := range res.Cookies() {
		return "Cookie: " + k.Name + "=" + k.Value, nil
	}
	return "", fmt.Errorf("signing in as %s: %s", email, res.Status)
}

// together asks with several clients at once for a time and returns the
// requests a second.
func (d *desk) together(header string, clients int, length time.Duration, path func(client, n int) string) (float64, error) {
	var wg sync.WaitGroup
	counts, errs := make([]int, clients), make([]error, clients)
	started := time.Now()
	for i := range clients {
		wg.Go(func() {
			c, err := d.dial(header)
			if err != nil {
				errs[i] = err
				return
			}
			defer c.close()
			for time.Since(started) < length {
				if _, err := c.get(path(i, counts[i])); err != nil {
					errs[i] = err
					return
				}
				counts[i]++
			}
		})
	}
	wg.Wait()
	took, sum := time.Since(started).Seconds(), 0
	for i := range clients {
		if errs[i] != nil {
			return 0, errs[i]
		}
		sum += counts[i]
	}
	return float64(sum) / took, nil
}
