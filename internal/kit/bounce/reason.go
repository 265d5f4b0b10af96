package bounce

import (
	"regexp"
	"strings"
)

// Reason is why a mail was not delivered.
type Reason string

// The reasons. Those marked hard mean that the address will never work.
const (
	ReasonUndefined   Reason = "undefined"
	ReasonUserUnknown Reason = "userunknown" // hard: no such mailbox
	ReasonHostUnknown Reason = "hostunknown" // hard: no such domain
	ReasonHasMoved    Reason = "hasmoved"    // hard: mailbox moved away
	ReasonNotAccept   Reason = "notaccept"   // hard: the domain takes no mail
	ReasonMailboxFull Reason = "mailboxfull"
	ReasonTooBig      Reason = "mesgtoobig"
	ReasonExceedLimit Reason = "exceedlimit" // bigger than this recipient allows
	ReasonSuspended   Reason = "suspend"
	ReasonFiltered    Reason = "filtered" // refused after the recipient was accepted, or by the recipient's settings
	ReasonRejected    Reason = "rejected" // our sender address was refused
	ReasonBlocked     Reason = "blocked"  // our server was refused
	ReasonSpam        Reason = "spamdetected"
	ReasonVirus       Reason = "virusdetected"
	ReasonAuthFailure Reason = "authfailure" // SPF, DKIM or DMARC
	ReasonRequirePTR  Reason = "requireptr"
	ReasonNoRelaying  Reason = "norelaying"
	ReasonPolicy      Reason = "policyviolation"
	ReasonSecurity    Reason = "securityerror"
	ReasonContent     Reason = "contenterror"
	ReasonSyntax      Reason = "syntaxerror"
	ReasonTooMany     Reason = "toomanyconn"
	ReasonSpeeding    Reason = "speeding"
	ReasonExpired     Reason = "expired"
	ReasonNetwork     Reason = "networkerror"
	ReasonSystem      Reason = "systemerror"
	ReasonMailer      Reason = "mailererror"
	ReasonFeedback    Reason = "feedback"
	ReasonDelivered   Reason = "delivered"
)

// isHard tells whether a reason means that the address will never work.
func isHard(r Reason) bool {
	switch r {
	case ReasonUserUnknown, ReasonHostUnknown, ReasonHasMoved, ReasonNotAccept:
		return true
	}
	return false
}

// rule says which words mean which reason.
type rule struct {
	reason Reason
	words  *regexp.Regexp
}

// rules are tried in order; the first that matches wins. What is said of the
// sender, the server or the content stands before what is said of the
// recipient, because those texts often name the recipient too.
var rules = []rule{
	{ReasonHostUnknown, words(`account or domain may not exist`)},
	{ReasonMailer, words(`procmail`, `mailer error`, `command (?:died|failed)`)},
	{ReasonMailboxFull, words(`mailbox(?:\S*)? (?:is |too )?(?:full|large)`, `over ?quota`, `quota (?:is )?exceeded`, `exceed\w* (?:its |the |his |her |their )?(?:storage|mailbox|disk)? ?(?:quota|storage limit|allocation)`,
		`mail ?folder is full`, `not enough (?:disk|storage) space`, `insufficient (?:disk )?(?:space|storage)`, `mailbox exceeds allowed size`, `メールボックスが一杯`, `mailbox size limit`, `out of storage`, `user is over`, `inbox (?:is )?full`, `(?:reached|exceeded) disk quota`)},
	{ReasonTooBig, words(`(?:mail|message) size (?:limit )?exce`, `message (?:is )?too (?:big|large)`, `size limit exceeded`, `exceeds? (?:the )?(?:maximum|fixed|server).{0,30}size`, `message file too big`)},
	{ReasonExceedLimit, words(`(?:length|size) exceeds limit set by recipient`)},
	{ReasonHasMoved, words(`(?:mailbox|user|address|account) has moved`, `no forwarding address`, `no longer (?:valid|works here)`, `has been (?:replaced|changed) by`)},
	{ReasonAuthFailure, words(`\bspf\b`, `\bdkim\b`, `\bdmarc\b`, `authentication checks? failed`, `sender is unauthenticated`, `sender policy framework`)},
	{ReasonRequirePTR, words(`\bptr\b`, `reverse dns`, `\brdns\b`, `ip name lookup failed`, `reverse (?:lookup|hostname)`)},
	{ReasonNoRelaying, words(`relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed)|prohibited|operation)`, `no relaying`, `unable to relay`, `not relay`)},
	{ReasonSpeeding, words(`too many recipients this hour`, `sent to too many`, `sending rate`, `rate limit`, `receiving mail at a rate`)},
	{ReasonTooMany, words(`too many (?:connections|concurrent|sessions|emails from)`, `frequency limited`, `connection limit`)},
	{ReasonBlocked, words(`block(?:ed)? using`, `banned sending ip`, `client host (?:\S+ )?(?:rejected|blocked)`, `black ?list`, `block ?list`, `\brbl\b`, `dnsbl`, `spamhaus`, `invalid ip`, `poor reputation`, `bad reputation`, `ip (?:address )?(?:\S+ )?(?:is |has been )?blocked`,
		`adresse ip source bloquee`, `use the smtp server of your isp`, `is redundant`, `550 access denied`, `service refused`, `connection (?:rejected|refused by policy)`, `sender rejected\. refer to error codes`)},
	{ReasonVirus, words(`virus`, `malware`, `infected`)},
	{ReasonSpam, words(`\bspam\b`, `content rejected`, `mail rejete`, `\bube\b`, `unsolicited`, `bulk mail`, `junk mail`, `message looks like`)},
	{ReasonPolicy, words(`policy reasons`, `policy violation`, `violates? .{0,20}policy`, `host network not allowed`, `administrative prohibition`)},
	{ReasonSecurity, words(`authentication required`, `authrequired`, `must authenticate`, `encryption (?:needed|required)`, `starttls`)},
	{ReasonRejected, words(`sender address (?:rejected|reject)`, `domain of sender address`, `purported responsible address`, `sender (?:\S+ )?rejected`, `recipient addresses rejected : access denied`, `rejected by recipient's domain`, `mail from .{0,40}(?:refused|rejected|denied)`,
		`permission to post`, `存在しないか、グループ`, `access denied`, `google groups`, `grupos? de google`)},
	{ReasonNotAccept, words(`does not accept (?:any )?mail`, `doesn't receive email`, `no mx record found`, `null ?mx`, `domain does not accept`, `no mail hosts? for domain`)},
	{ReasonFiltered, words(`due to recipient preferences`, `rejected by a remote mail server`, `recipient refus`, `domain filter`, `because of user's settings`, `mailbox unavailable`)},
	{ReasonSuspended, words(`account (?:that you tried to reach )?(?:is |has been )?(?:locked|disabled|suspended|deactivated|frozen|blocked|expired)`, `that you tried to reach is (?:disabled|inactive|over)`, `mailbox (?:is )?(?:locked|disabled|suspended)`, `user (?:is )?suspended`)},
	{ReasonNetwork, words(`hop count`, `routing loop`, `mail loop`, `too many hops`, `loops back`, `no route to host`, `network is unreachable`, `dns error`, `mx lookup`)},
	{ReasonHostUnknown, words(`(?:unknown|invalid) (?:host|domain)`, `(?:host|domain)(?: name)?(?: lookup)? (?:unknown|not found)`, `host or domain name not found`, `no such (?:host|domain)`, `domain (?:is )?not (?:reachable|exist|found)`, `host \S+ not found`, `nxdomain`,
		`(?:account or )?domain may not exist`, `domain does not exist`, `name or service not known`, `no (?:mx|a) records?`, `bad destination host`)},
	{ReasonUserUnknown, userUnknown},
	{ReasonSyntax, words(`sequence of commands`, `bad sequence`, `syntax error`, `command not recognized`, `bad command`)},
	{ReasonContent, words(`8-bit data`, `bad (?:header|content)`, `malformed`, `improper use`, `invalid content`)},
	{ReasonExpired, words(`timed? ?out`, `expired`, `retry timeout`, `too long`, `not reachable`, `connection (?:refused|reset|closed)`, `retried`, `did not accept our requests`, `delivery failed \d+ attempts`, `could not find a gateway`,
		`failing for a long time`, `unable to connect`, `could not be delivered for`, `cannot send message (?:for|within)`, `delivery attempts`, `temporarily`, `connect to`, `lost connection`, `unable to deliver this message after`)},
	{ReasonSystem, words(`system (?:config )?error`, `service (?:currently )?unavailable`, `unable to contact`, `insufficient system resources`, `server error`, `cannot open`, `i/o error`, `internal error`)},
}

// userUnknown is what servers say of mailboxes that do not exist.
var userUnknown = words(`user(?:name)? (?:is )?unknown`, `unknown (?:user|recipient|(?:e-?mail )?address|account|mailbox|local[- ]part)`, `no such (?:user|person|recipient|mailbox|address|account)`, `recipient (?:name )?(?:is )?(?:not|un)[ -]?(?:recognized|found|known)`,
	`recipnotfound`, `recipientnotfound`, `recipient not found`, `(?:user|account|mailbox|address|recipient)\S* (?:\S+ ){0,6}?(?:does not|doesn.t|do not|not) (?:exist|have|found)`, `mailbox not found`, `no mailbox`, `invalid (?:recipient|mailbox|address|user)`,
	`address rejected`, `recipient rejected`, `rejected address`, `has rejected address`, `not listed in`, `user not (?:exist|found|known)`, `no valid recipients`, `unroutable address`, `inactive email address`, `wasn.t found`, `couldn.t be found`, `was not found`,
	`possibly incorrect`, `no account`, `not our customer`, `unknown_user`, `\d{3} \S+@\S+ rejected`, `user doesn't`)

func words(patterns ...string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.Join(patterns, "|"))
}

// reCold matches "unknown" in the words of a remote server that gave no status
// of its own, or in words that are quoted without any code.
var reCold = regexp.MustCompile(`(?i)\b55[0-4][ \-:]|\[user unknown\]|recipient not found msexch`)

// reCarrier matches the domains whose servers say "User unknown" of missing
// mailboxes only, and without a status.
var reCarrier = regexp.MustCompile(`(?i)@(?:ezweb\.ne\.jp|au\.com)>: user unknown`)

// reFirm matches words that leave no doubt, whenever they are said.
var reFirm = regexp.MustCompile(`(?i)doesn.t have an? \S+ account|email account that you tried to reach does not exist`)

// reasonOf reads the words of a server.
func reasonOf(said, status string, cmd command) Reason {
	if strings.TrimSpace(said) == "" {
		return ReasonUndefined
	}
	said = strings.Join(strings.Fields(said), " ")
	if reFirm.MatchString(said) {
		return ReasonUserUnknown
	}
	for _, r := range rules {
		if !r.words.MatchString(said) {
			continue
		}
		if r.reason == ReasonUserUnknown {
			return unknownOrFiltered(said, status, cmd)
		}
		return r.reason
	}
	return ReasonUndefined
}

// unknownOrFiltered doubts "user unknown" when nothing proves that it is about
// the mailbox: a status 5.1.x, the refusal of RCPT, or the word of the server
// that keeps the mailbox. Carriers say the same when a subscriber's filter
// refuses the content. A wrong hard verdict silences a customer, a wrong soft
// one costs another try.
func unknownOrFiltered(said, status string, cmd command) Reason {
	switch {
	case strings.HasPrefix(status, "5.1."), cmd == commandRCPT, reCarrier.MatchString(said):
		return ReasonUserUnknown
	case cmd == commandData, status == "5.2.1", status == "5.2.0":
		return ReasonFiltered
	case (status == "" || strings.HasSuffix(status, ".0.0")) && reCold.MatchString(said):
		return ReasonFiltered
	}
	return ReasonUserUnknown
}

// reasonByStatus is the meaning that RFC 3463 gives a status.
func reasonByStatus(status string) Reason {
	class, rest, ok := strings.Cut(status, ".")
	if !ok {
		return ReasonUndefined
	}
	switch rest {
	case "1.1", "1.3", "1.4":
		return ReasonUserUnknown
	case "1.2":
		return ReasonHostUnknown
	case "1.6":
		return ReasonHasMoved
	case "1.10":
		return ReasonNotAccept
	case "1.7", "1.8", "1.9":
		return ReasonRejected
	case "2.1":
		return ReasonSuspended
	case "2.2":
		return ReasonMailboxFull
	case "2.3":
		return ReasonExceedLimit
	case "3.4":
		return ReasonTooBig
	case "4.6", "4.4":
		return ReasonNetwork
	case "4.1", "4.2", "4.7":
		return ReasonExpired
	}
	switch {
	case strings.HasPrefix(rest, "4."):
		return ReasonExpired
	case strings.HasPrefix(rest, "7."):
		return ReasonSecurity
	case strings.HasPrefix(rest, "3."):
		return ReasonSystem
	case class == "2":
		return ReasonDelivered
	}
	return ReasonUndefined
}
