// Package forms serves the pages on which customers write without knowing an
// address: contact and complaint forms, and the page on which each sees how their
// matter stands.
//
// The pages are plain HTML that works without scripts. A form can be shown in a
// frame of the sites it names, and of no other; the page of a matter is reached
// by a sealed pass and is in no cache and no index.
//
// Against machines there are a field that people do not see, a signed time at
// which the page was made, and a small piece of work that a script does while
// somebody types. Who has no script is let in all the same, only less often from
// one address. Nobody loses what they typed: whatever is wrong, the page comes
// back with it and asks to send once more.
package forms
