package conversation

import (
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

const tokenPurpose = "message-id"

// externalID makes the Message-ID of a message of ours, without brackets:
// {conversation}.{message}.{signature}@{domain}. Whoever brings it back has seen
// the message; nobody can guess it.
func externalID(key *seal.Key, c ID, m MessageID, address string) string {
	text := string(c) + "." + string(m)
	return text + "." + key.Sign(tokenPurpose, text) + "@" + domain(address)
}

func domain(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 && i+1 < len(address) {
		return address[i+1:]
	}
	return "localhost.invalid"
}

// parseToken reads one of our Message-IDs; false if it is not ours or was altered.
// The domain is not looked at: gateways rewrite it.
func parseToken(key *seal.Key, external string) (ID, MessageID, bool) {
	local, _, _ := strings.Cut(strings.Trim(external, "<> "), "@")
	parts := strings.Split(strings.ToLower(local), ".")
	if len(parts) != 3 || !id.Valid("conv", parts[0]) || !id.Valid("msg", parts[1]) {
		return "", "", false
	}
	if !key.Verify(tokenPurpose, parts[0]+"."+parts[1], parts[2]) {
		return "", "", false
	}
	return ID(parts[0]), MessageID(parts[1]), true
}

// Ours reads one of our own Message-IDs, for intake, which must notice our own
// mail coming back.
func (t *Threads) Ours(external string) (ID, MessageID, bool) { return parseToken(t.Key, external) }

// LetterID makes a Message-ID for a letter about a conversation that is not one
// of its messages (a survey), so that an answer to it finds the conversation.
func (t *Threads) LetterID(c ID, address string) string {
	return externalID(t.Key, c, MessageID(t.IDs.New("msg")), address)
}
