package corpus_test

// mailMisses gives the reason of every miss of TestMailConformance.
var mailMisses = map[string]string{
	"email/apache-mime4j/own-malformedHeader-nocrlfcrlf header fields":      "the source tests two readings of a stray line in the header; ours is the other one (own-malformedHeaderStartsBody): an unknown field after it does not prove that the header goes on",
	"email/apache-mime4j/own-obsolete header fields":                        "the source keeps the blanks before the colon in the field name; here the names have none",
	"email/header-vectors/003 word (disputed)":                              "the expectation keeps the line fold inside the value; here a value is one line",
	"email/header-vectors/004 word (disputed)":                              "the expectation leaves UTF-7 undecoded; here +ACU- is read as the percent sign it stands for",
	"email/header-vectors/008 word (disputed)":                              "the vector holds a line end followed by a backslash, not by a blank: the header ends there",
	"email/header-vectors/012 word (disputed)":                              "the vector holds a line end followed by a backslash, not by a blank: the header ends there",
	"email/php-imap/embedded_email_without_content_disposition#2 att. name": "the source makes up a random name for a nested message; here it is called by its subject",
	"email/ruby-mail/example11 to":                                          "the expectation keeps the source route and the blanks of RFC 822 syntax; here an address is the mailbox alone",
	"email/stalwart-mail-parser/legacy-049 attachments":                     "three files stand uuencoded in the text; here they become attachments (zbateson m0018 asks for it)",
	"email/stalwart-mail-parser/legacy-049 text":                            "the text of the expectation still holds the uuencoded files that are attachments here",
	"email/stalwart-mail-parser/malformed-003 attachments":                  "a text part inside two multiparts with one boundary: the source calls it an attachment, here it is the body",
	"email/stalwart-mail-parser/malformed-006 attachments":                  "a text part inside two unclosed multiparts: the source calls it an attachment, here it is the body",
	"email/winmail-tnef/mimekit-long-filename att. names":                   "the stream also holds the attachment allproductsmar2000.dat, which the list of the source leaves out",
	"email/zbateson-mail-mime-parser/m0020 html":                            "the HTML ends in a signature line that the text file of the source does not have",
	"email/zbateson-mail-mime-parser/m4002 attachments":                     "the source does not count the PGP signature; here signature.asc is an attachment",
}

// replyMisses gives the reason of every miss of TestReplyConformance.
var replyMisses = map[string]string{
	"reply-quote/discourse-trimmer/spam_1 visible": "the mail is one quote and nothing else; the source shows nothing, here a mail with text never shows empty",
}

// bounceMisses gives the reason of every miss of TestBounceConformance.
var bounceMisses = map[string]string{
	"bounce/sisimai/lhost-opensmtpd-12 hard or soft": "the report says that the mail is delayed and will be tried for days; the source calls the address dead, here that waits for the final report",
	"bounce/sisimai/lhost-sendmail-14 is a report":   "a person forwards a report by hand: for a desk that is a question, not a report",
	"bounce/sisimai/rfc3464-01 hard or soft":         "the fields say 550 5.1.1 User Unknown, the prose Not enough disk space; the source believes the prose, here the fields count",
	"bounce/sisimai/rhost-cox-01 hard or soft":       "both name one recipient as soft; the source lists it twice",
}
