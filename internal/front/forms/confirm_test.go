package forms_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// asked tells an address of a customer, lets it be asked, and returns the link.
func (w *world) asked(customerID, address string) string {
	w.Helper()
	if err := w.claims.Tell(w.Context(), w.Hana, customerID, address); err != nil {
		w.Fatal(err)
	}
	for _, c := range w.claimsOf(customerID) {
		if c.Address == address {
			if err := w.claims.Ask(w.Context(), w.Hana, c.ID); err != nil {
				w.Fatal(err)
			}
		}
	}
	w.Wait(time.Minute)
	sent := w.Wire.Sent()
	last := sent[len(sent)-1]
	link := regexp.MustCompile(`https://desk\.example(/c/confirm/\S+)`).FindStringSubmatch(last.Text)
	if last.To[0].Address != address || link == nil || !strings.Contains(last.HTML, link[1]) || !strings.Contains(last.Subject, w.Brand.Name) {
		w.Fatalf("the mail to %v: %s", last.To, last.Text)
	}
	return link[1]
}

func (w *world) claimsOf(id string) (list []claim.Claim) {
	w.Helper()
	w.Read(func(tx *sqldb.Tx) (err error) {
		list, err = w.claims.Of(w.Context(), tx, id)
		return err
	})
	return list
}

func (w *world) owner(address string) (c customer.Customer, known bool) {
	w.Helper()
	w.Read(func(tx *sqldb.Tx) (err error) {
		c, known, err = w.Customers.ByPoint(w.Context(), tx, customer.Email, address)
		return err
	})
	return c, known
}

// Who reads mail at a told address says whose it is, by pressing a button once. It
// becomes a point of the customer, or makes them one with who has it, by proof;
// and the pages are the same for both.
func TestATellingIsConfirmedByMail(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		mail := threadtestMail("told@line.example", "LINEのほうの件です。")
		teller := w.Conversation(w.Receive(mail).ConversationID).CustomerID
		mail = threadtestMail("hanako@customer.example", "前からの件です。")
		mail.ExternalID = "other@customer.example"
		had := w.Conversation(w.Receive(mail).ConversationID).CustomerID

		pages := map[string]string{}
		for _, address := range []string{"fresh@customer.example", "hanako@customer.example"} {
			link := w.asked(teller, address)
			if who, known := w.owner(address); known && who.ID != had {
				t.Fatalf("%s is %s before it is confirmed", address, who.ID)
			}
			for range 2 { // programs that look at mail
				pages["ask "+address] = strings.ReplaceAll(w.get(link).body, link, "")
			}
			w.has(w.get(link), http.StatusOK, address, w.say("ja", "claim.page.confirm", nil))
			if a := w.do(http.MethodPost, link, nil, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
				t.Errorf("from another site: %d", a.status)
			}
			if len(w.claimsOf(teller)) != 1 {
				t.Fatal("looking at the page did something")
			}
			a := w.do(http.MethodPost, link, nil)
			w.has(a, http.StatusOK, w.say("ja", "claim.page.thanks", nil))
			pages["done "+address] = a.body
			for _, again := range []answer{w.do(http.MethodPost, link, nil), w.get(link)} {
				w.has(again, http.StatusNotFound)
			}
			w.Rest()
		}
		for _, page := range []string{"ask ", "done "} {
			if strings.ReplaceAll(pages[page+"fresh@customer.example"], "fresh@", "hanako@") != pages[page+"hanako@customer.example"] {
				t.Errorf("the page %q tells whether an address is known", page)
			}
		}
		one, _ := w.owner("fresh@customer.example")
		two, _ := w.owner("hanako@customer.example")
		if one.ID != had || two.ID != had || len(two.Points) != 3 || len(w.claimsOf(had)) != 0 {
			t.Errorf("not one customer: %+v %+v", one, two)
		}
		w.Read(func(tx *sqldb.Tx) error {
			joins, err := w.Customers.Joins(w.Context(), tx, had)
			if len(joins) != 1 || !joins[0].Proven {
				t.Errorf("joins %+v", joins)
			}
			return err
		})
	})
}

// A link is used up by the next one and by time, and nobody is asked on and on.
func TestLinksEndAndNobodyIsPressed(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		teller := w.Conversation(w.Receive(threadtestMail("told@line.example", "件です。")).ConversationID).CustomerID
		first := w.asked(teller, "fresh@customer.example")
		second := w.asked(teller, "fresh@customer.example")
		w.has(w.get(first, "Accept-Language", "ja"), http.StatusNotFound, w.say("ja", "form.used.title", nil))
		w.has(w.get(second), http.StatusOK)
		third := w.asked(teller, "fresh@customer.example")
		id := w.claimsOf(teller)[0].ID
		if err := w.claims.Ask(w.Context(), w.Ken, id); !fault.Is(err, fault.TooMany) {
			t.Errorf("a fourth time: %v", err)
		}
		w.Clock.Advance(claim.Lasts)
		w.has(w.do(http.MethodPost, third, nil), http.StatusNotFound)
		if _, known := w.owner("fresh@customer.example"); known {
			t.Error("confirmed after its time")
		}
		last := w.asked(teller, "fresh@customer.example")
		if err := w.claims.Withdraw(w.Context(), w.Hana, id); err != nil {
			t.Fatal(err)
		}
		w.has(w.do(http.MethodPost, last, nil), http.StatusNotFound)
		for _, wrong := range []string{"", "nobody", "told@line.example", "support@shop.example", "a@b.example\r\nBcc: c@d.example"} {
			if err := w.claims.Tell(w.Context(), w.Hana, teller, wrong); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	})
}

// Who does not answer is forgotten; what nobody asked about stays for the agents.
func TestUnansweredAddressesAreForgotten(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		teller := w.Conversation(w.Receive(threadtestMail("told@line.example", "件です。")).ConversationID).CustomerID
		w.asked(teller, "fresh@customer.example")
		if err := w.claims.Tell(w.Context(), w.Hana, teller, "kept@customer.example"); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			after time.Duration
			left  int
		}{{claim.Lasts + 29*24*time.Hour, 2}, {2 * 24 * time.Hour, 1}} {
			w.Clock.Advance(c.after)
			if err := w.DB.Write(w.Context(), func(tx *sqldb.Tx) error { return w.claims.Sweep(w.Context(), tx) }); err != nil {
				t.Fatal(err)
			}
			if list := w.claimsOf(teller); len(list) != c.left || list[len(list)-1].Address != "kept@customer.example" {
				t.Errorf("after %s: %+v", c.after, list)
			}
		}
	})
}

// However an agent knows a customer, by their own id or by one that was taken in,
// no more claims are noted than a customer may have, nor one twice.
func TestClaimsAreBoundedUnderEveryID(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		mail := threadtestMail("gone@customer.example", "一件目です。")
		gone := w.Conversation(w.Receive(mail).ConversationID).CustomerID
		mail = threadtestMail("kept@customer.example", "二件目です。")
		mail.ExternalID = "kept@customer.example"
		kept := w.Conversation(w.Receive(mail).ConversationID).CustomerID
		if _, err := w.Customers.Merge(w.Context(), w.Hana, gone, kept); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 24 {
			all.Go(func() {
				err := w.claims.Tell(w.Context(), w.Hana, []string{gone, kept}[i%2], fmt.Sprintf("n%d@customer.example", i/2))
				if err != nil && !fault.Is(err, fault.Invalid) {
					t.Errorf("telling: %v", err)
				}
			})
		}
		all.Wait()
		seen := map[string]bool{}
		for _, c := range w.claimsOf(kept) {
			seen[c.Address] = true
		}
		if n := len(w.claimsOf(kept)); n != 10 || len(seen) != 10 {
			t.Errorf("%d claims of %d addresses", n, len(seen))
		}
	})
}
