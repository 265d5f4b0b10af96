package form

import (
	"encoding/json"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// PassLasts is how long the page of a matter can be opened.
const PassLasts = 180 * 24 * time.Hour

const passPurpose = "form pass"

// maxPass bounds what is tried to be opened, in bytes.
const maxPass = 2000

// pass is what a link to the page of a matter holds, sealed: nobody can make or
// read one.
type pass struct {
	Form         string `json:"f"`
	Conversation string `json:"c"`
	Address      string `json:"a"` // of who wrote, as it was entered
	Lang         string `json:"l"`
	About        string `json:"m"` // a Message-ID of ours, by which an addition finds its conversation
	Until        int64  `json:"u"` // unix seconds
}

func (x *Forms) issue(now time.Time, p pass) string {
	p.Until = now.Add(PassLasts).Unix()
	b, err := json.Marshal(p)
	if err != nil {
		panic("form: " + err.Error()) // a struct of texts always has a JSON
	}
	return x.Key.Seal(passPurpose, string(b))
}

// open reads a pass. One that is altered, of another making or over is
// fault.NotFound, all alike.
func (x *Forms) open(now time.Time, token string) (p pass, err error) {
	if token == "" || len(token) > maxPass {
		return p, noPass()
	}
	plain, err := x.Key.Open(passPurpose, token)
	if err != nil || json.Unmarshal([]byte(plain), &p) != nil || now.Unix() > p.Until {
		return pass{}, noPass()
	}
	return p, nil
}

func noPass() error { return fault.New(fault.NotFound, "error.form.pass") }
