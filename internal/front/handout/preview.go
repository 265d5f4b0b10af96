package handout

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/picture"
)

const film = "video/mp4"

// Preview returns an address of a small JPEG that stands for a file of so many
// bytes: a picture made smaller, a sign for a film. "" where there is none.
func (f *Files) Preview(file File, size int64) string {
	drawn := file.ContentType == "image/jpeg" || file.ContentType == "image/png"
	if file.ContentType != film && (!drawn || size > picture.MaxSource) {
		return ""
	}
	file.Preview, file.Name = true, "preview.jpg"
	return f.Link(file)
}

// preview answers with a small picture of content.
func (f *Files) preview(w http.ResponseWriter, r *http.Request, file File, content io.Reader) {
	small, err := f.small(file, content)
	if err != nil {
		http.Error(w, "there is no picture of this", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(small))
}

func (f *Files) small(file File, content io.Reader) ([]byte, error) {
	f.making.Lock()
	defer f.making.Unlock()
	if file.ContentType == film {
		return picture.Film()
	}
	return picture.Preview(content)
}
