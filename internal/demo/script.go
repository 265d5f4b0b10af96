package demo

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed story/*.txt
var stories embed.FS

// Script is one kind of conversation, with what customers may think of it.
type Script struct {
	Name     string
	Phase    string // "calm", "bad" or "better"
	Tag      string
	Slow     bool // the first answer takes days
	Cause    string
	Subject  string
	Turns    []Turn
	Scores   []int
	Comments map[int][]string // by score
}

// Turn is one message of a conversation.
type Turn struct {
	Agent bool
	Text  string
}

// Scripts reads the conversations written for a language, "ja" or "en".
func Scripts(lang string) ([]Script, error) {
	b, err := stories.ReadFile("story/" + lang + ".txt")
	if err != nil {
		return nil, err
	}
	var out []Script
	for _, block := range strings.Split("\n"+string(b), "\n== ")[1:] {
		s, err := parse(block)
		if err != nil {
			return nil, fmt.Errorf("story/%s.txt, %s: %w", lang, s.Name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func parse(block string) (Script, error) {
	s := Script{Comments: map[int][]string{}}
	lines := strings.Split(strings.TrimRight(block, "\n"), "\n")
	s.Name = strings.TrimSpace(lines[0])
	for _, line := range lines[1:] {
		if rest, ok := strings.CutPrefix(line, "  "); ok && len(s.Turns) > 0 {
			s.Turns[len(s.Turns)-1].Text += "\n" + rest
			continue
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			return s, fmt.Errorf("cannot read %q", line)
		}
		if err := s.set(name, value); err != nil {
			return s, err
		}
	}
	if len(s.Turns) == 0 || s.Subject == "" || len(s.Scores) == 0 {
		return s, fmt.Errorf("has no subject, no turns or no scores")
	}
	return s, nil
}

func (s *Script) set(name, value string) error {
	switch name {
	case "phase":
		s.Phase = value
	case "tag":
		s.Tag = value
	case "lag":
		s.Slow = value == "slow"
	case "cause":
		s.Cause = value
	case "subject":
		s.Subject = value
	case "customer", "agent":
		s.Turns = append(s.Turns, Turn{Agent: name == "agent", Text: value})
	case "scores":
		for _, f := range strings.Fields(value) {
			n, err := strconv.Atoi(f)
			if err != nil {
				return err
			}
			s.Scores = append(s.Scores, n)
		}
	default:
		score, ok := strings.CutPrefix(name, "comment ")
		n, err := strconv.Atoi(score)
		if !ok || err != nil {
			return fmt.Errorf("unknown entry %q", name)
		}
		s.Comments[n] = append(s.Comments[n], value)
	}
	return nil
}

// Fill puts names, items and numbers into a text.
func Fill(text string, values map[string]string) string {
	for name, value := range values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}
