package email

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
)

// spoolMemory is how much of a message is kept in memory before it goes to a file.
const spoolMemory = 1 << 20

// spool holds a message while memory is better kept free: a composed one, whose
// size must be known before it is offered and its signature before its first
// byte, and one that is still coming in.
type spool struct {
	keep int // bytes kept in memory; 0: spoolMemory
	mem  bytes.Buffer
	file *os.File
	size int64
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.mem.Len()+len(p) > cmp.Or(s.keep, spoolMemory) {
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

// after returns the whole content behind prefix.
func (s *spool) after(prefix string) ([]byte, error) {
	in, err := s.reader()
	if err != nil {
		return nil, err
	}
	all := make([]byte, int64(len(prefix))+s.size)
	_, err = io.ReadFull(in, all[copy(all, prefix):])
	return all, err
}

// close removes the file.
func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
