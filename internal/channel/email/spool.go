package email

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// spoolMemory is how much of a message is kept in memory before it goes to a file.
const spoolMemory = 1 << 20

// spool holds a composed message: its size must be known before it is offered
// and its signature before its first byte, so it is written once and read twice.
type spool struct {
	mem  bytes.Buffer
	file *os.File
	size int64
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.mem.Len()+len(p) > spoolMemory {
		f, err := os.CreateTemp("", "kintsugi-mail-*")
		if err != nil {
			return 0, err
		}
		s.file = f
	}
	var w io.Writer = &s.mem
	if s.file != nil {
		w = s.file
	}
	n, err := w.Write(p)
	s.size += int64(n)
	return n, err
}

// reader reads from the start. Only one may be in use.
func (s *spool) reader() (io.Reader, error) {
	head := bytes.NewReader(s.mem.Bytes())
	if s.file == nil {
		return head, nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.MultiReader(head, s.file), nil
}

// close removes the file.
func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
