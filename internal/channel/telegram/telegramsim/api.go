package telegramsim

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// Limits of what is read of a request, in bytes.
const (
	maxRequest = 1 << 20
	maxUpload  = 60 << 20
)

// api answers the requests of the Bot API.
type api struct{ s *Sim }

// ServeHTTP implements http.Handler: the Bot API and the place of its files.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := api{s}
	if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"+s.cfg.Token+"/"); ok {
		a.content(w, path)
		return
	}
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+s.cfg.Token+"/")
	if !ok {
		refuse(w, failure{status: http.StatusUnauthorized, words: "Unauthorized"})
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, method)
	var fail *failure
	if len(s.fails) > 0 {
		fail, s.fails = &s.fails[0], s.fails[1:]
	}
	s.mu.Unlock()
	if fail != nil {
		refuse(w, *fail)
		return
	}
	in, ok := read(w, r)
	if !ok {
		return
	}
	a.do(r.Context(), w, method, in)
}

func (a api) do(ctx context.Context, w http.ResponseWriter, method string, in map[string]any) {
	switch method {
	case "getMe":
		accept(w, map[string]any{"id": 1, "is_bot": true, "first_name": a.s.cfg.Name, "username": a.s.cfg.Username})
	case "getUpdates":
		a.updates(ctx, w, in)
	case "answerCallbackQuery":
		accept(w, true)
	case "setWebhook", "deleteWebhook":
		a.s.mu.Lock()
		a.s.hook = hook{url: text(in, "url"), secret: text(in, "secret_token")}
		a.s.mu.Unlock()
		accept(w, true)
	case "getWebhookInfo":
		a.hookInfo(w)
	case "sendMessage":
		if n := len(utf16.Encode([]rune(text(in, "text")))); n == 0 || n > 4096 {
			refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: message is too long"})
			return
		}
		a.show(w, text(in, "chat_id"), Line{Text: text(in, "text"), Choices: choices(in)})
	case "sendPhoto", "sendDocument", "sendVideo", "sendAudio", "sendAnimation":
		a.show(w, text(in, "chat_id"), Line{File: text(in, "file")})
	case "getFile":
		a.file(w, text(in, "file_id"))
	case "getChat":
		a.chat(w, text(in, "chat_id"))
	default:
		refuse(w, failure{status: http.StatusNotFound, words: "Not Found"})
	}
}

// read takes a request apart, whichever way it was written.
func read(w http.ResponseWriter, r *http.Request) (in map[string]any, ok bool) {
	in = map[string]any{}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		dec := json.NewDecoder(io.LimitReader(r.Body, maxRequest))
		dec.UseNumber()
		if err := dec.Decode(&in); err != nil && err != io.EOF {
			refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: can't parse JSON object"})
			return nil, false
		}
		return in, true
	}
	if err := r.ParseMultipartForm(maxUpload); err != nil {
		refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: " + err.Error()})
		return nil, false
	}
	for name, values := range r.MultipartForm.Value {
		in[name] = values[0]
	}
	for member, files := range r.MultipartForm.File {
		in["file"] = files[0].Filename
		if member == "photo" && strings.HasPrefix(files[0].Filename, "wide") {
			refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: PHOTO_INVALID_DIMENSIONS"})
			return nil, false
		}
	}
	return in, true
}

func text(in map[string]any, name string) string {
	if v, ok := in[name]; ok {
		return fmt.Sprint(v)
	}
	return ""
}

// choices are the words on the buttons of a message.
func choices(in map[string]any) string {
	var out []string
	markup, _ := in["reply_markup"].(map[string]any)
	rows, _ := markup["inline_keyboard"].([]any)
	for _, row := range rows {
		buttons, _ := row.([]any)
		for _, b := range buttons {
			if button, ok := b.(map[string]any); ok {
				out = append(out, text(button, "text"))
			}
		}
	}
	return strings.Join(out, "|")
}

func accept(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result}) // whoever went away has been served
}

func refuse(w http.ResponseWriter, f failure) {
	doc := map[string]any{"ok": false, "error_code": f.status, "description": f.words}
	if f.retryAfter > 0 {
		doc["parameters"] = map[string]any{"retry_after": f.retryAfter}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(doc) // likewise
}

// updates confirms what came before an offset and answers with what waits, or
// when something comes.
func (a api) updates(ctx context.Context, w http.ResponseWriter, in map[string]any) {
	offset, _ := strconv.ParseInt(text(in, "offset"), 10, 64)
	seconds, _ := strconv.Atoi(text(in, "timeout"))
	over, stop := a.s.cfg.Clock.After(time.Duration(seconds) * time.Second)
	defer stop()
	for {
		a.s.mu.Lock()
		if a.s.hook.url != "" {
			a.s.mu.Unlock()
			refuse(w, failure{status: http.StatusConflict, words: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"})
			return
		}
		if offset > 0 {
			a.s.confirm(offset - 1)
		}
		out := []map[string]any{}
		for _, one := range a.s.pending {
			out = append(out, one.doc)
		}
		changed := a.s.changed
		a.s.mu.Unlock()
		if len(out) > 0 {
			accept(w, out)
			return
		}
		select {
		case <-changed:
		case <-over:
			accept(w, out)
			return
		case <-ctx.Done():
			return
		}
	}
}

func (a api) hookInfo(w http.ResponseWriter) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	doc := map[string]any{"url": a.s.hook.url, "has_custom_certificate": false, "pending_update_count": len(a.s.pending)}
	if a.s.hook.failure != "" {
		doc["last_error_date"], doc["last_error_message"] = a.s.hook.failedAt.Unix(), a.s.hook.failure
	}
	accept(w, doc)
}

// show puts a message on a screen.
func (a api) show(w http.ResponseWriter, address string, l Line) {
	a.s.mu.Lock()
	_, known := a.s.names[address]
	if !known || a.s.blocked[address] {
		blocked := a.s.blocked[address]
		a.s.mu.Unlock()
		if blocked {
			refuse(w, failure{status: http.StatusForbidden, words: "Forbidden: bot was blocked by the user"})
			return
		}
		refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: chat not found"})
		return
	}
	id := a.s.id()
	l.Ours, l.At = true, a.s.cfg.Clock.Now()
	a.s.screens[address] = append(a.s.screens[address], l)
	lost := a.s.lose > 0
	if lost {
		a.s.lose--
	}
	a.s.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	accept(w, map[string]any{"message_id": id, "date": l.At.Unix(), "chat": map[string]any{"id": json.Number(address), "type": "private"}})
}

func (a api) file(w http.ResponseWriter, id string) {
	a.s.mu.Lock()
	f, known := a.s.files[id]
	a.s.mu.Unlock()
	switch {
	case !known || f.gone:
		refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: wrong file_id or the file is temporarily unavailable"})
	case len(f.data) > 20<<20:
		refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: file is too big"})
	default:
		accept(w, map[string]any{"file_id": id, "file_size": len(f.data), "file_path": "documents/" + id})
	}
}

func (a api) content(w http.ResponseWriter, path string) {
	a.s.mu.Lock()
	f, known := a.s.files[strings.TrimPrefix(path, "documents/")]
	a.s.mu.Unlock()
	if !known || f.gone {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(f.data) // whoever went away has been served
}

func (a api) chat(w http.ResponseWriter, address string) {
	a.s.mu.Lock()
	name, known := a.s.names[address]
	a.s.mu.Unlock()
	if !known {
		refuse(w, failure{status: http.StatusBadRequest, words: "Bad Request: chat not found"})
		return
	}
	accept(w, map[string]any{"id": json.Number(address), "type": "private", "first_name": name})
}
