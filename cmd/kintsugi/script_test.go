package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// commandTimeout bounds one command of a script.
const commandTimeout = 60 * time.Second

// program is the real binary, built once for all tests of this package.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kintsugi-command-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "kintsugi")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// TestScripts plays testdata/*.txt: commands as people type them. Files in the
// form of txtar: the script first, then "-- name --" and a file's content. A
// script whose first line is "# both" is played on PostgreSQL as well.
//
//	exec PROGRAM ARG...      must succeed; ! exec must fail, and code N says how
//	stdin FILE               for the next exec
//	stdout RE, stderr RE     of the last command; ! turns round
//	serve ARG..., stop       a server in the background: $URL, $MAIL, $SETUP
//	http METHOD PATH [JSON]  asks it, with $TOKEN if set; stdout is the answer, code its status
//	grab NAME RE             keeps what the group in RE found in the last stdout
//	env NAME=VALUE, exists FILE, cmp FILE FILE, cp, mkdir, chmod MODE FILE, rm, cut FILE BYTES, bend FILE BYTE
//
// 'single quotes' keep an argument together; $NAME is replaced.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("sqlite", func(t *testing.T) { t.Parallel(); play(t, file, string(b), "") })
			if strings.HasPrefix(string(b), "# both\n") {
				t.Run("postgres", func(t *testing.T) { t.Parallel(); play(t, file, string(b), dbtest.PostgresURL(t)) })
			}
		})
	}
}

// script is one play.
type script struct {
	*testing.T
	dir    string
	env    map[string]string
	file   string
	line   int
	stdin  []byte
	stdout string
	stderr string
	code   int
	server *server
}

func newScript(t *testing.T, database string) *script {
	s := &script{T: t, dir: t.TempDir(), env: map[string]string{}}
	s.env["WORK"], s.env["KINTSUGI_DATA"], s.env["KINTSUGI_LOG_LEVEL"] = s.dir, filepath.Join(s.dir, "data"), "warn"
	if database != "" {
		s.env["KINTSUGI_DATABASE"] = database
	}
	t.Cleanup(s.kill)
	return s
}

var fileMark = regexp.MustCompile(`(?m)^-- (.+) --\n`)

func play(t *testing.T, file, text, database string) {
	s := newScript(t, database)
	s.file = file
	marks := fileMark.FindAllStringSubmatchIndex(text, -1)
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		s.write(text[m[2]:m[3]], []byte(text[m[1]:end]))
	}
	if len(marks) > 0 {
		text = text[:marks[0][0]]
	}
	for n, line := range strings.Split(text, "\n") {
		s.line = n + 1
		if words := s.words(line); len(words) > 0 {
			s.do(words)
		}
	}
}

func (s *script) fail(format string, args ...any) {
	s.Helper()
	s.Fatalf("%s:%d: %s\nstdout: %s\nstderr: %s", s.file, s.line, fmt.Sprintf(format, args...), s.stdout, s.stderr)
}

func (s *script) must(err error) {
	s.Helper()
	if err != nil {
		s.fail("%v", err)
	}
}

func (s *script) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

func (s *script) write(name string, b []byte) {
	s.must(os.MkdirAll(filepath.Dir(s.path(name)), 0o700))
	s.must(os.WriteFile(s.path(name), b, 0o600))
}

// words cuts a line into arguments.
func (s *script) words(line string) (out []string) {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	for i, part := range strings.Split(line, "'") {
		part = os.Expand(part, func(name string) string { return s.env[name] })
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

func (s *script) do(words []string) {
	s.Helper()
	negative := words[0] == "!"
	if negative {
		words = words[1:]
	}
	verb, args := words[0], words[1:]
	switch verb {
	case "exec":
		s.exec(args...)
		if failed := s.code != 0; failed != negative {
			s.fail("%s ended with %d", strings.Join(args, " "), s.code)
		}
	case "stdout":
		s.match(s.stdout, strings.Join(args, " "), !negative)
	case "stderr":
		s.match(s.stderr, strings.Join(args, " "), !negative)
	case "exists":
		if _, err := os.Stat(s.path(args[0])); (err == nil) == negative {
			s.fail("%s: %v", args[0], err)
		}
	case "cmp":
		s.compare(args[0], args[1], !negative)
	default:
		s.act(verb, args)
	}
}

// act does what cannot be turned round.
func (s *script) act(verb string, args []string) {
	s.Helper()
	switch verb {
	case "code":
		if fmt.Sprint(s.code) != args[0] {
			s.fail("the code is %d, want %s", s.code, args[0])
		}
	case "env":
		name, value, _ := strings.Cut(strings.Join(args, " "), "=")
		s.env[name] = value
	case "stdin":
		b, err := os.ReadFile(s.path(args[0]))
		s.must(err)
		s.stdin = b
	case "grab":
		m := regexp.MustCompile(strings.Join(args[1:], " ")).FindStringSubmatch(s.stdout)
		if m == nil {
			s.fail("nothing looks like %s", args[1])
		}
		s.env[args[0]] = m[1]
	case "serve":
		s.serve(args...)
	case "stop":
		s.stop()
	case "http":
		s.http(args)
	default:
		s.change(verb, args)
	}
}

// exec runs a program to its end.
func (s *script) exec(args ...string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), commandTimeout)
	defer cancel()
	c := s.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(s.stdin), &stdout, &stderr
	err := c.Run()
	s.stdin, s.stdout, s.stderr, s.code = nil, stdout.String(), stderr.String(), c.ProcessState.ExitCode()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		s.fail("%s: %v", strings.Join(args, " "), err)
	}
}

func (s *script) command(ctx context.Context, args ...string) *exec.Cmd {
	name := args[0]
	if name == "kintsugi" {
		name = program
	}
	c := exec.CommandContext(ctx, name, args[1:]...)
	c.Dir, c.Env = s.dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + os.TempDir()}
	for k, v := range s.env {
		c.Env = append(c.Env, k+"="+v)
	}
	return c
}

func (s *script) match(text, expression string, want bool) {
	s.Helper()
	if regexp.MustCompile("(?m)"+expression).MatchString(text) != want {
		s.fail("looking for %q: want %v", expression, want)
	}
}

func (s *script) compare(a, b string, want bool) {
	s.Helper()
	x, err := os.ReadFile(s.path(a))
	s.must(err)
	y, err := os.ReadFile(s.path(b))
	s.must(err)
	if bytes.Equal(x, y) != want {
		s.fail("%s and %s: equal must be %v", a, b, want)
	}
}
