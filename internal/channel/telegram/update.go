package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ident is an id, which is a number and becomes text: chats' ids are larger than
// what every reader of JSON takes for a number.
type ident string

// UnmarshalJSON implements json.Unmarshaler.
func (i *ident) UnmarshalJSON(b []byte) error {
	s := string(b)
	switch {
	case s == "null" || strings.HasPrefix(s, "{") || strings.HasPrefix(s, "["):
		return nil
	case strings.HasPrefix(s, `"`):
		return json.Unmarshal(b, (*string)(i))
	}
	*i = ident(s)
	return nil
}

// update is one update. Of its members one is there.
type update struct {
	ID       ident     `json:"update_id"`
	Message  *message  `json:"message"`
	Edited   *message  `json:"edited_message"`
	Callback *callback `json:"callback_query"`
	Member   *member   `json:"my_chat_member"`
	kind     string    // the name of what is there
}

type person struct {
	ID        ident  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Language  string `json:"language_code"`
}

func (p person) name() string { return strings.TrimSpace(p.FirstName + " " + p.LastName) }

type chat struct {
	ID   ident  `json:"id"`
	Type string `json:"type"`
}

// private reports whether nobody else is in a chat; groups have negative ids.
func (c chat) private() bool {
	return c.ID != "" && (c.Type == "private" || c.Type == "" && !strings.HasPrefix(string(c.ID), "-"))
}

type file struct {
	ID       string `json:"file_id"`
	Name     string `json:"file_name"`
	MIME     string `json:"mime_type"`
	Size     int64  `json:"file_size"`
	Emoji    string `json:"emoji"`    // of a sticker
	SetName  string `json:"set_name"` // likewise
	Animated bool   `json:"is_animated"`
}

type place struct {
	Latitude  json.Number `json:"latitude"`
	Longitude json.Number `json:"longitude"`
}

type button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
}

// message is what somebody sent, or what Telegram tells in a chat.
type message struct {
	ID       ident  `json:"message_id"`
	From     person `json:"from"`
	Chat     chat   `json:"chat"`
	Date     int64  `json:"date"`
	EditDate int64  `json:"edit_date"`
	ReplyTo  *struct {
		ID ident `json:"message_id"`
	} `json:"reply_to_message"`
	Text      string `json:"text"`
	Caption   string `json:"caption"`
	Photo     []file `json:"photo"` // the same in several sizes
	Video     *file  `json:"video"`
	Animation *file  `json:"animation"`
	Audio     *file  `json:"audio"`
	Voice     *file  `json:"voice"`
	VideoNote *file  `json:"video_note"`
	Document  *file  `json:"document"`
	Sticker   *file  `json:"sticker"`
	Location  *place `json:"location"`
	Venue     *struct {
		Location place  `json:"location"`
		Title    string `json:"title"`
		Address  string `json:"address"`
	} `json:"venue"`
	Contact *struct {
		Phone     string `json:"phone_number"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
	} `json:"contact"`
	ReplyMarkup struct {
		Keyboard [][]button `json:"inline_keyboard"`
	} `json:"reply_markup"`
	members []string // of the document, sorted
}

// UnmarshalJSON implements json.Unmarshaler: it notes the names of all members,
// so that what nobody has heard of can be named. A member of another form than
// Telegram documents is as good as absent.
func (m *message) UnmarshalJSON(b []byte) error {
	type plain message
	err := lenient(json.Unmarshal(b, (*plain)(m)))
	m.members = members(b)
	return err
}

type callback struct {
	ID      ident   `json:"id"`
	From    person  `json:"from"`
	Message message `json:"message"`
	Data    string  `json:"data"`
}

type member struct {
	Chat chat   `json:"chat"`
	From person `json:"from"`
	Date int64  `json:"date"`
	New  struct {
		Status string `json:"status"`
	} `json:"new_chat_member"`
}

// decode reads an update.
func decode(raw []byte) (update, error) {
	var u update
	if err := lenient(json.Unmarshal(raw, &u)); err != nil {
		return u, err
	}
	if u.ID == "" {
		return u, errors.New("an update has an id")
	}
	for _, name := range members(raw) {
		if name != "update_id" {
			u.kind = name
			break
		}
	}
	return u, nil
}

// lenient forgives members that have another form than is documented.
func lenient(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && mismatch.Field != "" {
		return nil
	}
	return err
}

// members returns the names of an object's members in their order.
func members(raw []byte) (names []string) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		var skipped json.RawMessage
		if err != nil || !ok || dec.Decode(&skipped) != nil {
			return names
		}
		names = append(names, name)
	}
	return names
}

// key names an update. Its number alone could come again after a quiet week.
func (u update) key() string {
	m := u.Message
	switch {
	case u.Edited != nil:
		m = u.Edited
	case u.Callback != nil:
		return fmt.Sprintf("%s:callback:%s", u.ID, u.Callback.ID)
	case u.Member != nil:
		return fmt.Sprintf("%s:member:%s:%d", u.ID, u.Member.Chat.ID, u.Member.Date)
	case m == nil:
		return fmt.Sprintf("%s:%s", u.ID, u.kind)
	}
	return fmt.Sprintf("%s:%s:%d:%d", u.ID, m.external(), m.Date, m.EditDate)
}

// external names a message: its number counts within its chat.
func (m *message) external() string { return string(m.Chat.ID) + "/" + string(m.ID) }

func unix(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
