package conversation

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Patch is what may change of a conversation; nil leaves a field. A Version
// other than 0 must be the conversation's. An empty AssigneeID or TeamID means
// nobody. SnoozedUntil without a Status snoozes; a zero one wakes.
type Patch struct {
	Status       *Status
	AssigneeID   *string
	TeamID       *string
	Priority     *Priority
	SnoozedUntil *time.Time
	TagIDs       *[]string
	Subject      *string
	InboxID      *string // where it goes on
	Version      int64
}

// Change changes a conversation. Each change that is one makes a fact and an
// entry in the thread. Errors: fault.Conflict for a stale version, fault.Invalid
// with fields, fault.NotFound.
func (t *Threads) Change(ctx context.Context, by actor.Actor, id ID, p Patch) (c Conversation, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err = t.toPatcher().changeTx(ctx, tx, by, id, p)
		return err
	})
	return c, err
}

func (t patcher) changeTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id ID, p Patch) (Conversation, error) {
	c, err := hold(ctx, tx, id)
	if err != nil {
		return c, err
	}
	if p.Version != 0 && p.Version != c.Version {
		return c, fault.New(fault.Conflict, "error.stale")
	}
	if err := p.settle(c, tx.Now); err != nil {
		return c, err
	}
	was := c
	for _, step := range []func(context.Context, *sqldb.Tx, actor.Actor, *Conversation, Patch) error{
		t.applyInbox, t.applyAssignment, t.applyPriority, t.applySubject, t.applyTags, t.applyStatus,
	} {
		if err := step(ctx, tx, by, &c, p); err != nil {
			return c, err
		}
	}
	if c.TagIDs, err = tagsOf(ctx, tx, c.ID); err != nil {
		return c, err
	}
	if same(was, c) && p.TagIDs == nil {
		return c, nil
	}
	return c, save(ctx, tx, &c)
}

// same reports whether nothing of a conversation's own row changed.
func same(a, b Conversation) bool {
	a.TagIDs, b.TagIDs = nil, nil
	return a.Status == b.Status && a.AssigneeID == b.AssigneeID && a.TeamID == b.TeamID && a.Priority == b.Priority &&
		a.Subject == b.Subject && a.InboxID == b.InboxID && a.SnoozedUntil.Equal(b.SnoozedUntil)
}

// settle checks a patch against a conversation and completes it.
func (p *Patch) settle(c Conversation, now time.Time) error {
	var check fault.Check
	if p.SnoozedUntil != nil && p.Status == nil {
		to := Snoozed
		if p.SnoozedUntil.IsZero() {
			to = c.Status
			if c.Status == Snoozed {
				to = Open
			}
		}
		p.Status = &to
	}
	if p.Status != nil {
		switch {
		case !p.Status.Valid():
			check.Add("body.status", "error.field.invalid")
		case !c.Status.MayBecome(*p.Status):
			check.Add("body.status", "error.conversation.move")
		case *p.Status == Snoozed:
			until := c.SnoozedUntil
			if p.SnoozedUntil != nil {
				until = *p.SnoozedUntil
			}
			check.That(until.After(now) && until.Before(now.Add(maxSnooze)), "body.snoozedUntil", "error.conversation.snooze")
		}
	}
	if p.Priority != nil {
		check.That(*p.Priority >= Low && *p.Priority <= Urgent, "body.priority", "error.field.invalid")
	}
	if p.Subject != nil {
		check.That(utf8.RuneCountInString(*p.Subject) <= maxSubject, "body.subject", "error.text.long", "max", maxSubject)
	}
	return check.Err()
}

func (t patcher) applyStatus(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, p Patch) error {
	if p.Status == nil {
		return nil
	}
	s := statusChange{to: *p.Status}
	if *p.Status == Snoozed && p.SnoozedUntil != nil {
		s.until = *p.SnoozedUntil
	}
	return t.setStatus(ctx, tx, by, c, s)
}

// statusChange is a move to a status.
type statusChange struct {
	to     Status
	until  time.Time // of a snooze
	silent bool      // no entry in the thread: the message beside it says enough
	again  bool      // the customer wrote again: what was settled before stays so
	entry  string    // name of the entry; "" is EntryStatus
}

// setStatus makes a move that the table allows, with its fact, entry and duty.
// The caller saves the conversation.
func (t *core) setStatus(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, s statusChange) error {
	from := c.Status
	longer := s.to == Snoozed && !s.until.IsZero() && !s.until.Equal(c.SnoozedUntil)
	if from == s.to && !longer {
		return nil
	}
	wasActive := from.Active()
	c.Status, c.SnoozedUntil = s.to, s.until
	if err := t.planWake(ctx, tx, *c); err != nil {
		return err
	}
	switch {
	case s.to == Resolved:
		c.Resolution++
		c.ResolvedAt = tx.Now
		if c.FirstResolvedAt.IsZero() {
			c.FirstResolvedAt = tx.Now
		}
		fallthrough
	case s.to == Closed:
		c.WaitingSince = time.Time{}
		last, err := lastOf(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		c.Settled = last
	case !wasActive:
		c.ResolvedAt = time.Time{}
		if _, err := t.letGo(ctx, tx, by, c); err != nil {
			return err
		}
		if !s.again {
			c.Settled = "" // an agent says that it was not settled after all
		}
		if err := c.deriveWaiting(ctx, tx); err != nil {
			return err
		}
	}
	t.Journal.Emit(tx, StatusFact, string(c.ID), by, StatusData{Place: c.place(), From: from, To: s.to})
	if s.to == Resolved {
		if err := t.tellResolved(ctx, tx, by, *c); err != nil {
			return err
		}
	}
	if s.silent {
		return nil
	}
	e := EventData{Name: cmp.Or(s.entry, EntryStatus), Data: map[string]string{"from": string(from), "to": string(s.to)}}
	if s.to == Snoozed {
		e.Data["until"] = s.until.UTC().Format(time.RFC3339)
	}
	_, err := t.entry(ctx, tx, by, *c, e)
	return err
}

const lastAgentSQL = `SELECT author_id, at FROM message WHERE conversation_id = $1 AND kind = 'outgoing' AND author_kind = 'agent' AND withdrawn_at IS NULL
ORDER BY ` + arrived + ` DESC, id DESC LIMIT 1`

// tellResolved names who is responsible: the assignee, else who answered last,
// else who resolved.
func (t *core) tellResolved(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation) error {
	agent := c.AssigneeID
	if agent == "" {
		last, _, err := moment(ctx, tx, lastAgentSQL, string(c.ID))
		if err != nil {
			return err
		}
		agent = last
	}
	if agent == "" {
		agent = by.AgentID()
	}
	t.Journal.Emit(tx, ResolvedFact, string(c.ID), by,
		ResolvedData{Place: c.place(), Resolution: c.Resolution, AgentID: agent, TeamID: c.TeamID, Muted: c.Muted})
	return nil
}

func (t *core) planWake(ctx context.Context, tx *sqldb.Tx, c Conversation) error {
	if c.Status != Snoozed {
		return t.Queue.Cancel(ctx, tx, wakeDuty, string(c.ID))
	}
	return t.Queue.Replace(ctx, tx, job.Duty{Kind: wakeDuty, Key: string(c.ID), Subject: string(c.ID), RunAt: c.SnoozedUntil})
}

// wake ends a snooze whose time has come.
func (t *Threads) wake(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	c, err := hold(ctx, tx, ID(j.Subject))
	if err != nil {
		return err
	}
	switch {
	case c.Status != Snoozed:
		return nil
	case c.SnoozedUntil.After(tx.Now):
		return t.planWake(ctx, tx, c)
	}
	if err := t.setStatus(ctx, tx, actor.OfSystem("snooze"), &c, statusChange{to: Open, entry: EntryWoken}); err != nil {
		return err
	}
	return save(ctx, tx, &c)
}

func (t patcher) applyAssignment(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, p Patch) error {
	agent, group := c.AssigneeID, c.TeamID
	if p.AssigneeID != nil {
		agent = *p.AssigneeID
	}
	if p.TeamID != nil {
		group = *p.TeamID
	}
	if agent == c.AssigneeID && group == c.TeamID {
		return nil
	}
	data := map[string]string{"assigneeId": agent, "teamId": group}
	var check fault.Check
	if agent != "" {
		a, err := t.Agents.ByID(ctx, tx, agent)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		check.That(err == nil && (a.Active || agent == c.AssigneeID), "body.assigneeId", "error.conversation.assignee")
		data["assigneeName"] = a.Name
	}
	if group != "" {
		g, err := t.Teams.ByID(ctx, tx, group)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		check.That(err == nil, "body.teamId", "error.conversation.team")
		data["teamName"] = g.Name
	}
	if err := check.Err(); err != nil {
		return err
	}
	c.AssigneeID, c.TeamID = agent, group
	t.Journal.Emit(tx, AssignedFact, string(c.ID), by, AssignedData{Place: c.place(), AssigneeID: agent, TeamID: group})
	_, err := t.entry(ctx, tx, by, *c, EventData{Name: EntryAssigned, Data: data})
	return err
}

func (t patcher) applyPriority(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, p Patch) error {
	if p.Priority == nil || *p.Priority == c.Priority {
		return nil
	}
	e := EventData{Name: EntryPriority, Data: map[string]string{"from": c.Priority.String(), "to": p.Priority.String()}}
	c.Priority = *p.Priority
	t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"priority"}})
	_, err := t.entry(ctx, tx, by, *c, e)
	return err
}

func (t patcher) applySubject(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, p Patch) error {
	if p.Subject == nil {
		return nil
	}
	subject := strings.TrimSpace(oneLine(*p.Subject))
	if subject == c.Subject {
		return nil
	}
	e := EventData{Name: EntrySubject, Data: map[string]string{"from": c.Subject, "to": subject}}
	c.Subject = subject
	t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"subject"}})
	_, err := t.entry(ctx, tx, by, *c, e)
	return err
}

const addTagSQL = `INSERT INTO conversation_tag (conversation_id, tag_id, last_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

func (t patcher) applyTags(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, p Patch) error {
	if p.TagIDs == nil {
		return nil
	}
	have, err := tagsOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, id := range have {
		if slices.Contains(*p.TagIDs, id) {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM conversation_tag WHERE conversation_id = $1 AND tag_id = $2`, string(c.ID), id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, forgetTagSQL, string(c.ID), id); err != nil { // put on again, it is no longer a merge's
			return err
		}
		if err := t.tellTag(ctx, tx, by, *c, id, false); err != nil {
			return err
		}
	}
	for _, id := range *p.TagIDs {
		if slices.Contains(have, id) {
			continue
		}
		have = append(have, id)
		if err := t.tellTag(ctx, tx, by, *c, id, true); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, addTagSQL, string(c.ID), id, c.LastAt.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

func (t patcher) tellTag(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation, tagID string, added bool) error {
	g, err := t.Tags.ByID(ctx, tx, tagID)
	if fault.Is(err, fault.NotFound) {
		var check fault.Check
		check.Add("body.tags", "error.tag.notFound")
		return check.Err()
	}
	if err != nil {
		return err
	}
	t.Journal.Emit(tx, TaggedFact, string(c.ID), by,
		TaggedData{Place: c.place(), TagID: g.ID, TagName: g.Name, Complaint: g.Complaint, Added: added})
	e := EventData{Name: EntryTagged, Data: map[string]string{"tagId": g.ID, "tagName": g.Name, "added": strconv.FormatBool(added)}}
	_, err = t.entry(ctx, tx, by, c, e)
	return err
}

// ChangeAll applies one patch to several conversations in one transaction: all
// or none. At most MaxBulk.
func (t *Threads) ChangeAll(ctx context.Context, by actor.Actor, ids []ID, p Patch) ([]Conversation, error) {
	if len(ids) > MaxBulk {
		return nil, fault.New(fault.TooLarge, "error.conversation.bulk", "max", MaxBulk)
	}
	if p.Version != 0 {
		return nil, fault.New(fault.Invalid, "error.conversation.bulkVersion")
	}
	ids = slices.Clone(ids)
	slices.Sort(ids) // one order for all, so that two such changes cannot wait for each other
	ids = slices.Compact(ids)
	var out []Conversation
	err := t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		out = out[:0]
		for _, id := range ids {
			c, err := t.toPatcher().changeTx(ctx, tx, by, id, p)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

// MaxBulk is how many conversations ChangeAll changes at once.
const MaxBulk = 200
