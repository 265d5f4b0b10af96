// Package reception keeps what a chat shows beside the conversation: the fields it
// asks before the first words, the prompts that come up on some pages, and
// quick answers.
//
// A reception belongs to one inbox and is read and written whole. It judges
// nothing that visitors do: the panel follows it, and what somebody writes is
// taken in whether they followed it or not. Read is strict about lengths and
// choices only, so that nothing else becomes part of a message.
//
// Quick answers are no knowledge base: up to 20 short texts that the panel finds
// by itself. Whatever replaces them one day gives the panel the same list (id,
// title, body) and takes the same count of what helped.
//
// Facts out: reception.updated.
package reception
