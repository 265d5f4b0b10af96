package review

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// LowStars is up to how many stars a review is one of somebody disappointed.
const LowStars = 2

// Reader takes files of reviews in. It is safe for concurrent use.
type Reader struct {
	DB      *sqldb.DB
	Inboxes *inbox.Inboxes
	Brands  *brand.Brands
	Threads *conversation.Threads
	Tags    *tag.Tags
	Door    *intake.Door
}

// Taken is what became of a file.
type Taken struct {
	New, Known, Waiting int // taken now; taken before; kept for a person to look at
	Low                 int // of the new ones, those of few stars
	Wrong               []Wrong
}

// Take takes the reviews of a file into an open door. Where tagID is given, those
// with LowStars or fewer get that tag. fault.Invalid with fields; fault.NotFound.
func (x Reader) Take(ctx context.Context, by actor.Actor, inboxID, tagID string, file []byte) (out Taken, err error) {
	var zone *time.Location
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		box, err := x.Inboxes.ByID(ctx, tx, inboxID)
		if err != nil {
			return err
		}
		var check fault.Check
		if check.That(box.Kind == hook.Kind.Name && box.Active, "body.csv", "error.review.inbox"); check.Err() != nil {
			return check.Err()
		}
		b, err := x.Brands.ByID(ctx, tx, box.BrandID)
		if err != nil {
			return err
		}
		if tagID != "" {
			if err := x.knows(ctx, tx, tagID); err != nil {
				return err
			}
		}
		zone, err = time.LoadLocation(b.Zone)
		return err
	})
	if err != nil {
		return out, err
	}
	reviews, wrong, err := Parse(file, zone)
	out.Wrong = wrong
	if err != nil {
		return out, err
	}
	for _, r := range reviews {
		if err := x.one(ctx, by, place{inboxID, tagID}, r, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// place is where reviews go, and the tag of those with few stars.
type place struct{ inboxID, tagID string }

func (x Reader) one(ctx context.Context, by actor.Actor, to place, r Review, out *Taken) error {
	raw, err := r.raw()
	if err != nil {
		return err
	}
	known, err := x.Door.Known(ctx, to.inboxID, raw.Key)
	if err != nil {
		return err
	}
	e, err := x.Door.Accept(ctx, to.inboxID, raw) // again: the same entry
	if err != nil {
		return err
	}
	low := r.Stars > 0 && r.Stars <= LowStars
	switch {
	case known:
		out.Known++
	case e.State != intake.Linked:
		out.Waiting++
	default:
		out.New++
		if low {
			out.Low++
		}
	}
	if !low || to.tagID == "" || e.State != intake.Linked {
		return nil
	}
	return x.tag(ctx, by, e.ConversationID, to.tagID)
}

// tag puts a tag on a conversation that has none: one that was broken off after its
// review came in gets it from the same file again, and what agents have sorted
// since stays.
func (x Reader) tag(ctx context.Context, by actor.Actor, id conversation.ID, tagID string) error {
	var c conversation.Conversation
	err := x.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		c, err = x.Threads.ByID(ctx, tx, id)
		return err
	})
	if err != nil || len(c.TagIDs) > 0 || !c.Status.Active() {
		return err
	}
	tags := []string{tagID}
	_, err = x.Threads.Change(ctx, by, id, conversation.Patch{TagIDs: &tags})
	return err
}

// knows refuses a tag that there is not, before anything is taken.
func (x Reader) knows(ctx context.Context, tx *sqldb.Tx, tagID string) error {
	_, err := x.Tags.ByID(ctx, tx, tagID)
	if fault.Is(err, fault.NotFound) {
		var check fault.Check
		check.Add("body.tag", "error.tag.notFound")
		return check.Err()
	}
	return err
}

// maxName is how long the name of a review may be, in bytes: it is an address too.
const maxName = 200

// raw is a review as a call at the open door.
func (r Review) raw() (channel.Raw, error) {
	name := "review/" + strings.ReplaceAll(text.Fold(r.Site), "/", "_") + "/" + r.ID
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(name))
		name = "review/" + hex.EncodeToString(sum[:])
	}
	data := map[string]string{"kind": "rating"}
	if r.Stars > 0 {
		data["rating"] = strconv.Itoa(r.Stars)
	}
	if strings.HasPrefix(r.URL, "https://") {
		data["permalink"] = r.URL
	}
	doc := map[string]any{
		"id": name, "from": map[string]string{"address": name, "name": cmp.Or(r.Author, r.Site)}, "subject": cmp.Or(r.Title, r.Site),
		"text": strings.TrimSpace(r.Title + "\n" + r.Text), "thing": map[string]any{"name": "comment", "data": data},
	}
	if !r.At.IsZero() {
		doc["at"] = r.At.Format(time.RFC3339)
	}
	b, err := json.Marshal(doc)
	return channel.Raw{Source: "import", Key: name, Sender: name, At: r.At, Bytes: b}, err
}
