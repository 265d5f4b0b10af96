package event

import (
	"context"
	"crypto/rand"
	"strings"
)

// whisperMark begins an announcement that is a whisper and no number.
const whisperMark = "~"

// whispers are words between nodes that nothing depends on.
type whispers struct {
	node string // so that a node does not hear itself
	hear func(words string)
}

func newWhispers() whispers { return whispers{node: rand.Text(), hear: func(string) {}} }

// Whisper tells the other nodes something short that may be lost, such as who
// types. Nothing is kept of it. On SQLite there are no others.
func (j *Journal) Whisper(ctx context.Context, words string) error {
	return j.db.Announce(ctx, whisperMark+j.whispers.node+" "+words)
}

// OnWhisper lets hear be told what other nodes whisper. It is called before Run,
// and must not wait.
func (j *Journal) OnWhisper(hear func(words string)) { j.whispers.hear = hear }

// announced takes what came from a node: a whisper, or that there are facts.
func (j *Journal) announced(payload string) {
	rest, whispered := strings.CutPrefix(payload, whisperMark)
	if !whispered {
		j.news.wake()
		return
	}
	if node, words, ok := strings.Cut(rest, " "); ok && node != j.whispers.node {
		j.whispers.hear(words)
	}
}
