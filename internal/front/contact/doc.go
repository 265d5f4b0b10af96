// Package contact shows customers every way of reaching a brand: as a page, and as
// a bar that any site puts below or above its own pages by one line of script.
//
// What is shown is public: nothing here knows who asks. A contact point shows
// whether it is open now, when it opens, what it costs, and, where an inbox answers
// it, how long a first answer usually takes; nothing while too little is known.
package contact
