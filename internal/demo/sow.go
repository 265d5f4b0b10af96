package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// firstRef is the number before the first conversation's.
const firstRef = 1000

// tables are the rows of one chunk.
type tables struct {
	customer, point, conversation, tag, participant, message, delivery *bulk
	invitation, response, doc, token, recoveryCase, step               *bulk
}

func newTables(d sqldb.Dialect) *tables {
	key := "rowid"
	if d == sqldb.Postgres {
		key = "n"
	}
	return &tables{
		customer: table("customer", "id name name_key locale organization note created_at seen_at version"),
		point:    table("point", "id customer_id kind address address_key created_at"),
		conversation: table("conversation", `id ref brand_id inbox_id customer_id subject status priority assignee_id snoozed_until preview waiting_since last_at
			last_from message_count muted origin first_customer_at first_response_at resolved_at resolution first_resolved_at created_at version`),
		tag:         table("conversation_tag", "conversation_id tag_id last_at status priority"),
		participant: table("participant", "conversation_id address_key address name customer_id"),
		message: table("message", `id conversation_id inbox_id kind author_kind author_id author_name at subject body quoted has_html remote_images lang envelope
			external_id automatic created_at`),
		delivery:   table("delivery", "id inbox_id purpose message_id content external_id state attempts error state_at created_at"),
		invitation: table("invitation", "id kind link conversation_id resolution customer_id inbox_id brand_id agent_id locale state reason run_at sent_at expires_at token_hash created_at address"),
		response:   table("response", "id invitation_id kind link conversation_id customer_id inbox_id brand_id agent_id metric score band comment answered_at"),
		doc:        table("search_doc", "n kind subject conversation_id"),
		token:      table("search_token", key+" tokens"),
		recoveryCase: table("recovery_case", `id ref brand_id customer_id conversation_id source_kind source_id source_label severity inputs state outcome owner_id
			double_deviation reopened score_before score_after cause cause_category measure informed_at playbook_id tries opened_at closed_at version round_at`),
		step: table("case_step", "id case_id round position key state due_at escalation done_at done_by evidence"),
	}
}

// write writes them, what is pointed at first.
func (t *tables) write(ctx context.Context, tx *sqldb.Tx) error {
	for _, b := range []*bulk{t.customer, t.point, t.conversation, t.tag, t.participant, t.message, t.delivery, t.invitation, t.response, t.recoveryCase, t.step,
		t.doc, t.token} {
		if err := b.write(ctx, tx); err != nil {
			return fmt.Errorf("%s: %w", b.table, err)
		}
	}
	return nil
}

func (s *sower) id(prefix string, at time.Time) string {
	s.serial++
	return id.Make(prefix, at, s.serial)
}

// index makes something findable, as package search would.
func (s *sower) index(kind, subject string, conversationID any, words string) {
	s.docs++
	s.t.doc.add(s.docs, kind, subject, conversationID)
	tokens := text.IndexText(words)
	if s.dialect == sqldb.Postgres {
		tokens = text.TSVector(words)
	}
	s.t.token.add(s.docs, tokens)
}

// thread is a conversation being made.
type thread struct {
	st       *stage
	who      person
	script   Script
	values   map[string]string
	id       string
	opened   time.Time
	turns    []Turn
	agentID  string
	agent    string
	times    []time.Time
	resolved time.Time // zero: not yet
}

// turnsOf strings together scripts until there are about six messages.
func (s *sower) turnsOf(st *stage, first Script) []Turn {
	want := 4 + s.rng.IntN(5)
	turns := append([]Turn{}, first.Turns...)
	for len(turns) < want {
		more := st.scripts[s.rng.IntN(len(st.scripts))].Turns
		if !turns[len(turns)-1].Agent {
			more = more[1:]
		}
		turns = append(turns, more...)
	}
	return turns[:want]
}

func (s *sower) conversation(i int, at time.Time) {
	k := s.rng.IntN(len(s.stages))
	st := s.stages[k]
	agent := st.staff[s.rng.IntN(len(st.staff))]
	t := &thread{st: st, who: s.people_[k][s.rng.IntN(len(s.people_[k]))], id: s.id("conv", at), opened: at, agentID: agent.ID, agent: agent.Name}
	t.script = st.pick(s.rng, at)
	t.turns = s.turnsOf(st, t.script)
	t.values = st.values(s.rng, Person{Name: t.who.name}, agent, at)
	s.pace(t)
	s.head(t, firstRef+1+i)
	for n := range t.turns {
		s.message(t, n)
	}
	if !t.resolved.IsZero() {
		s.judged(t)
	}
}

// pace decides when each message came; what would lie in the future did not happen yet.
func (s *sower) pace(t *thread) {
	at := t.opened
	for n, turn := range t.turns {
		if n > 0 {
			wait := 20 + s.rng.ExpFloat64()*180
			if !turn.Agent {
				wait = 30 + s.rng.ExpFloat64()*400
			} else if t.script.Slow {
				wait += 2_500
			}
			at = at.Add(time.Duration(wait * float64(time.Minute))).Truncate(time.Second)
		}
		if at.After(s.options.Until) {
			t.turns = t.turns[:n]
			return
		}
		t.times = append(t.times, at)
	}
	if done := at.Add(time.Duration(30+s.rng.IntN(600)) * time.Minute); done.Before(s.options.Until) && s.rng.Float64() < 0.985 {
		t.resolved = done
	}
}

func (s *sower) head(t *thread, ref int) {
	last := len(t.turns) - 1
	subject := Fill(t.script.Subject, t.values)
	status, from, assignee := "open", "customer", any(t.agentID)
	var waiting, response, resolved, snoozed any
	resolution := 0
	if t.turns[last].Agent {
		status, from = "pending", "agent"
	} else {
		waiting = t.times[last].UnixMilli()
	}
	for n, turn := range t.turns {
		if turn.Agent {
			response = t.times[n].UnixMilli()
			break
		}
	}
	switch {
	case !t.resolved.IsZero():
		status, waiting, resolved, resolution = "resolved", nil, t.resolved.UnixMilli(), 1
		if t.resolved.Before(s.options.Until.AddDate(0, -1, 0)) {
			status = "closed"
		}
	case response == nil:
		assignee = nil
	case status == "pending" && s.rng.Float64() < 0.2:
		status, snoozed = "snoozed", s.options.Until.Add(24*time.Hour).UnixMilli()
	}
	priority := []int{1, 1, 1, 1, 1, 1, 0, 2, 2, 3}[s.rng.IntN(10)]
	preview := text.Clip(strings.ReplaceAll(Fill(t.turns[last].Text, t.values), "\n", " "), 140)
	lastAt := t.times[last].UnixMilli()
	s.t.conversation.add(t.id, ref, t.st.brandID, t.st.inboxID, t.who.id, subject, status, priority, assignee, snoozed, preview, waiting, lastAt,
		from, len(t.turns), false, "customer", t.opened.UnixMilli(), response, resolved, resolution, resolved, t.opened.UnixMilli(), 1)
	s.t.tag.add(t.id, t.st.tags[t.script.Tag], lastAt, status, priority)
	s.t.participant.add(t.id, t.who.address, t.who.address, t.who.name, t.who.id)
	s.index("conversation", t.id, t.id, fmt.Sprintf("%s\n%d 0kindconversation", subject, ref))
}

func (s *sower) message(t *thread, n int) {
	at := t.times[n]
	id := s.id("msg", at)
	s.messages++
	us := channel.Address{Name: t.st.Sender, Address: t.st.Address}
	them := channel.Address{Name: t.who.name, Address: t.who.address}
	kind, authorKind, authorID, author := "incoming", "customer", t.who.id, t.who.name
	e := conversation.Envelope{From: them, To: []channel.Address{us}}
	if t.turns[n].Agent {
		kind, authorKind, authorID, author = "outgoing", "agent", t.agentID, t.agent
		e = conversation.Envelope{From: us, To: []channel.Address{them}}
	}
	subject := Fill(t.script.Subject, t.values)
	if n > 0 {
		subject = "Re: " + subject
	}
	body := Fill(t.turns[n].Text, t.values)
	external := id + "@seed.example"
	s.t.message.add(id, t.id, t.st.inboxID, kind, authorKind, authorID, author, at.UnixMilli(), subject, body, "", false, 0, t.st.Lang,
		sqldb.JSON{V: e}, external, false, at.UnixMilli())
	if t.turns[n].Agent {
		s.t.delivery.add(s.id("dlv", at), t.st.inboxID, "reply", id, "{}", external, "sent", 1, "", at.UnixMilli(), at.UnixMilli())
	}
	s.index("message", id, t.id, body)
}
