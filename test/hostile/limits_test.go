package hostile

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io/fs"
	"path/filepath"
	"strings"
)

const serveDir = "KINTSUGI_HOSTILE_SERVE"

func serveForever(string) int { return 0 }

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
