// Package form is what customers enter in the product's own forms: how it stands
// in the ledger, and how it is understood. The pages are front/forms, the forms
// themselves desk/form.
//
// There are two kinds in it, because a person is found by what they leave. Who
// leaves a mail address is a "form" and is the same customer as by mail, and is
// answered by mail. Who leaves none is a "form-only": a name of our own making
// stands for them, which leads to no one, so that there is a customer to write
// down all the same.
//
// No inbox is of these kinds: an entry goes into the mail inbox of its form under
// Raw.Format. Its files are in the product's store before it is handed over.
package form
