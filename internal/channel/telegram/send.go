package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	maxWait  = time.Minute // for a later part, when Telegram asks to slow down
	maxTries = 3           // of one part then
)

// chatForm is the address of a person: the id of the private chat with them.
var chatForm = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// Send implements channel.Channel.
func (e *endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	to := m.Recipients()
	if len(to) != 1 {
		return &channel.RefusedError{Text: fmt.Sprintf("a Telegram message is for one person, not for %d", len(to))}
	}
	chat := to[0].Address
	if !chatForm.MatchString(chat) {
		return &channel.RefusedError{Text: "the address is not one of Telegram's"}
	}
	parts := compose(m)
	if len(parts) == 0 {
		return &channel.RefusedError{Text: "delivery.reason.empty"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	for i, one := range parts {
		id, err := e.deliver(ctx, chat, one, i > 0)
		if err != nil {
			return stopped(i, len(parts), err)
		}
		m.Accepted = append(m.Accepted, chat+"/"+string(id))
	}
	return nil
}

// compose makes the parts of a message. Buttons stand below its last words, which
// then come after the files.
func compose(m *channel.Outgoing) []sendable {
	var words, files []sendable
	texts := can().Split(strings.TrimSpace(m.Text))
	for i, s := range texts {
		if s == "" {
			continue
		}
		var choices []string
		if i == len(texts)-1 {
			choices = m.Choices
		}
		words = append(words, text(s, choices))
	}
	for _, p := range m.Parts {
		files = append(files, upload(p))
	}
	if len(m.Choices) > 0 {
		return append(files, words...)
	}
	return append(words, files...)
}

// buttons are an inline keyboard. What comes back when one is pressed is its
// place: Telegram shows the keyboard with it, so that the words are known.
func buttons(choices []string) map[string]any {
	rows := [][]map[string]string{}
	for i, c := range choices {
		rows = append(rows, []map[string]string{{"text": c, "callback_data": "choice:" + strconv.Itoa(i)}})
	}
	return map[string]any{"inline_keyboard": rows}
}

// sendable makes one message on its way.
type sendable func(ctx context.Context, e *endpoint, chat string) (ident, error)

// deliver sends one part; a later one waits when Telegram asks for it, because
// the first ones are there already.
func (e *endpoint) deliver(ctx context.Context, chat string, one sendable, later bool) (ident, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	for try := 1; ; try++ {
		id, err := one(ctx, e, chat)
		slow, ok := channel.AsLater(err)
		if !ok || !later || slow.After > maxWait || try == maxTries || !e.wait(ctx, slow.After) {
			return id, err
		}
	}
}

// stopped says what it means that the nth part did not arrive.
func stopped(n, all int, err error) error {
	var silent *silentError
	switch {
	case n > 0: // told and not wrapped: the whole is neither refused nor to be sent again
		return &channel.AmbiguousError{Err: fmt.Errorf("%d of %d parts arrived, then: %s", n, all, err.Error())}
	case errors.As(err, &silent):
		return &channel.AmbiguousError{Err: err}
	}
	return err
}

func text(words string, choices []string) sendable {
	return func(ctx context.Context, e *endpoint, chat string) (ident, error) {
		return e.message(ctx, func() (fetch.Request, error) {
			in := map[string]any{"chat_id": json.Number(chat), "text": words}
			if len(choices) > 0 {
				in["reply_markup"] = buttons(choices)
			}
			doc, err := json.Marshal(in)
			return fetch.JSON(http.MethodPost, e.api+"sendMessage", nil, doc), err
		})
	}
}

func (e *endpoint) message(ctx context.Context, request func() (fetch.Request, error)) (ident, error) {
	r, err := request()
	if err != nil {
		return "", err
	}
	var got message
	if err := e.ask(ctx, r, &got); err != nil {
		return "", err
	}
	return got.ID, nil
}

// upload sends a file as what Telegram shows in the chat. A picture that it does
// not take as one (too long, too wide) goes as a file.
func upload(p channel.OutgoingPart) sendable {
	return func(ctx context.Context, e *endpoint, chat string) (ident, error) {
		method, member := way(p)
		id, err := e.file(ctx, chat, p, method, member)
		if refused, ok := channel.IsRefused(err); ok && refused.Code == http.StatusBadRequest && member == "photo" {
			return e.file(ctx, chat, p, "sendDocument", "document")
		}
		return id, err
	}
}

// way is the request for a file and the name under which that wants it.
func way(p channel.OutgoingPart) (method, member string) {
	contentType, _, _ := strings.Cut(strings.ToLower(p.ContentType), ";")
	media, _ := can().Takes(contentType, p.Size)
	switch {
	case media.Name == "photo":
		return "sendPhoto", "photo"
	case contentType == "image/gif":
		return "sendAnimation", "animation"
	case contentType == "video/mp4":
		return "sendVideo", "video"
	case contentType == "audio/mpeg" || contentType == "audio/mp4":
		return "sendAudio", "audio"
	}
	return "sendDocument", "document"
}

func (e *endpoint) file(ctx context.Context, chat string, p channel.OutgoingPart, method, member string) (ident, error) {
	content, err := p.Open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }() // it was only read
	return e.message(ctx, func() (fetch.Request, error) {
		var around bytes.Buffer
		form := multipart.NewWriter(&around)
		if err := form.WriteField("chat_id", chat); err != nil {
			return fetch.Request{}, err
		}
		if _, err := form.CreateFormFile(member, oneLine(p.Name)); err != nil {
			return fetch.Request{}, err
		}
		head := bytes.Clone(around.Bytes())
		if err := form.Close(); err != nil {
			return fetch.Request{}, err
		}
		tail := around.Bytes()[len(head):]
		r := fetch.Request{Method: http.MethodPost, URL: e.api + method, Type: form.FormDataContentType(),
			Body: io.MultiReader(bytes.NewReader(head), content, bytes.NewReader(tail))}
		if p.Size > 0 {
			r.Size = int64(len(head)+len(tail)) + p.Size
		}
		return r, nil
	})
}

// oneLine is a name that cannot end the line of a header it stands in.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, s)
}
