package recovery

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Entry is one thing that happened in a case. Its sentence is the phrase
// "story.<kind>"; Data fills it: ids, numbers, somebody's own words.
type Entry struct {
	At    time.Time
	Kind  string
	Actor actor.Actor
	Data  map[string]string
}

const storySQL = `INSERT INTO case_story (case_id, position, at, kind, actor, data)
VALUES ($1, (SELECT COALESCE(MAX(position), 0) + 1 FROM case_story WHERE case_id = $1), $2, $3, $4, $5)`

func insertEntry(ctx context.Context, tx *sqldb.Tx, id ID, e Entry) error {
	_, err := tx.Exec(ctx, storySQL, string(id), e.At.UnixMilli(), e.Kind, actorText(e.Actor), sqldb.JSON{V: e.Data})
	return err
}

func storyOf(ctx context.Context, tx *sqldb.Tx, id ID) ([]Entry, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (e Entry, err error) {
		var who string
		err = r.Scan(sqldb.At(&e.At), &e.Kind, &who, sqldb.JSON{V: &e.Data})
		e.Actor = ParseActor(who)
		return e, err
	}, `SELECT at, kind, actor, data FROM case_story WHERE case_id = $1 ORDER BY position`, string(id))
}

// actorText writes an actor as one word, "agent:agt_…".
func actorText(a actor.Actor) string { return string(a.Kind) + ":" + a.ID }

// ParseActor reads an actor as steps, remedies and the story keep it.
func ParseActor(s string) actor.Actor {
	kind, id, _ := strings.Cut(s, ":")
	return actor.Actor{Kind: actor.Kind(kind), ID: id}
}

// StoryKinds lists the kinds of entries; a test holds them against the phrases.
func StoryKinds() []string {
	return []string{
		"opened.response", "opened.tag", "opened.manual", "joined.response", "joined.tag", "joined.manual", "repeat", "answer",
		"severity", "owner", "taken", "released", "escalated", "step.done", "step.skipped", "cause", "measure", "wrote",
		"notDelivered.cancelled", "notDelivered.failed", "notDelivered.bounced",
		"promise.made", "promise.kept", "promise.broken", "promise.withdrawn",
		"remedy.proposed", "remedy.approved", "remedy.refused", "remedy.delivered", "remedy.forgone",
		"surveyed", "unanswered", "followUp", "closed", "outcome", "reopened.hand", "reopened.answer", "reopened.joined",
	}
}
