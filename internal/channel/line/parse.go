package line

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Names of things, see channel.Thing.
const (
	thingSticker  = "sticker"
	thingLocation = "location"
	thingChoice   = "choice"
	thingUnknown  = "unknown"
)

// Where a file is to be fetched from, see channel.Part.
const (
	refMessage = "message:" // LINE keeps it under the id of its message
	refURL     = "url:"     // somebody else has it
)

// Parse is Kind.Parse: it understands one webhook event.
func Parse(raw []byte) (*channel.Message, error) {
	e, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("not a LINE event: %w", err)
	}
	m := &channel.Message{ExternalID: e.WebhookEventID, At: e.at()}
	switch {
	case e.probe():
		m.Subject = "verify"
		return m, nil
	case e.shared():
		// The person could not be answered alone, and a group is no customer.
		m.Subject = e.Source.Type + "." + e.Type
		return m, nil
	}
	m.From.Address = e.Source.UserID
	e.tell(m)
	if m.From.Address == "" && m.Empty() && m.Subject == "" {
		m.Subject = e.Type
	}
	return m, nil
}

// tell writes what an event says into m.
func (e event) tell(m *channel.Message) {
	switch e.Type {
	case "message":
		m.ExternalID = e.Message.ID
		m.Token = newToken(e.ReplyToken, e.at())
		if e.Message.QuotedMessageID != "" {
			m.InReplyTo = []string{e.Message.QuotedMessageID}
		}
		e.Message.tell(m)
	case "messageEdited":
		m.Edits = e.Message.ID
		e.Message.tell(m)
	case "unsend":
		m.Deletes = e.Unsend.MessageID
	case "follow":
		m.Contact, m.Token = channel.ContactAllowed, newToken(e.ReplyToken, e.at())
	case "unfollow":
		m.Contact = channel.ContactEnded
	case "postback":
		m.Token = newToken(e.ReplyToken, e.at())
		e.press(m)
	default:
		if quiet(e.Type) || e.Source.UserID == "" {
			m.Subject = e.Type
			return
		}
		m.Thing = &channel.Thing{Name: thingUnknown, Data: map[string]string{"kind": e.Type}}
	}
}

// quiet reports whether events of a type are nothing that somebody says to us.
func quiet(kind string) bool {
	return slices.Contains([]string{
		"join", "leave", "memberJoined", "memberLeft", "videoPlayComplete", "beacon", "accountLink", "membership", "things",
		"module", "activated", "deactivated", "botSuspended", "botResumed", "delivery",
	}, kind)
}

// press is a button or a date that was chosen. Turning over a rich menu is none.
func (e event) press(m *channel.Message) {
	params := e.Postback.Params
	if _, turned := params["newRichMenuAliasId"]; turned {
		m.Subject = "postback.richmenu"
		return
	}
	m.Thing = &channel.Thing{Name: thingChoice, Data: map[string]string{"data": e.Postback.Data}}
	words := e.Postback.Data
	for _, name := range slices.Sorted(maps.Keys(params)) {
		m.Thing.Data[name] = params[name]
		if name == "date" || name == "time" || name == "datetime" {
			words = params[name]
		}
	}
	m.Thing.Data["title"] = words
	m.Text, m.Visible = words, words
}

// tell writes what a message holds into m.
func (c content) tell(m *channel.Message) {
	words := ""
	switch c.Type {
	case "text":
		words = c.Text
	case "image":
		m.Parts = c.file(c.ID+".jpg", "image/jpeg")
	case "video":
		m.Parts = c.file(c.ID+".mp4", "video/mp4")
	case "audio":
		m.Parts = c.file(c.ID+".m4a", "audio/mp4")
	case "file":
		m.Parts = c.file(c.FileName, typeOf(c.FileName))
	case "location":
		m.Thing = &channel.Thing{Name: thingLocation, Data: full(map[string]string{
			"title": c.Title, "address": c.Address, "latitude": c.Latitude.String(), "longitude": c.Longitude.String()})}
		if words = lines(c.Title, c.Address); words == "" && c.Latitude != "" {
			words = c.Latitude.String() + ", " + c.Longitude.String()
		}
	case "sticker":
		m.Thing = &channel.Thing{Name: thingSticker, Data: full(map[string]string{
			"package": c.PackageID, "sticker": c.StickerID, "kind": c.StickerResourceType, "keywords": strings.Join(c.Keywords, ", ")})}
		words = c.Text
	default:
		m.Thing = &channel.Thing{Name: thingUnknown, Data: map[string]string{"kind": "message." + c.Type}}
	}
	m.Text, m.Visible = words, words
}

// file is the one file of a message.
func (c content) file(name, contentType string) []channel.Part {
	ref := refMessage + c.ID
	if c.ContentProvider.Type == "external" {
		ref = refURL + c.ContentProvider.OriginalContentURL
	}
	return []channel.Part{{Name: name, ContentType: contentType, Ref: ref, Size: max(c.FileSize, 0)}}
}

// typeOf guesses a media type by a file's name; the answer that brings the file
// knows better.
func typeOf(name string) string {
	known := map[string]string{
		".pdf": "application/pdf", ".txt": "text/plain", ".csv": "text/csv", ".zip": "application/zip",
		".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
		".mp4": "video/mp4", ".m4a": "audio/mp4", ".mp3": "audio/mpeg",
	}
	if t, ok := known[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// full leaves out what is empty.
func full(data map[string]string) map[string]string {
	maps.DeleteFunc(data, func(_, v string) bool { return v == "" })
	return data
}

func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}
