package api_test

import (
	"net/http"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// TestFormsOverHTTP designs a form, replaces it, switches it off and removes it.
func TestFormsOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, _ := s.agent("Boss", team.Administrator)
		box := s.inbox(boss)
		both := func(ja, en string) object { return object{"ja": ja, "en": en} }
		field := object{"name": "topic", "type": "choice", "label": both("ご用件", "Topic"), "required": true, "choices": []object{both("配送", "Delivery"), both("商品", "Product")}}
		body := object{"inboxId": box.ID, "slug": "contact-us", "kind": "contact", "title": both("お問い合わせ", "Contact us"), "fields": []object{field}, "active": true}
		var made api.Form
		boss.post("/forms", body).ok(http.StatusCreated, &made)
		if made.Version != 1 || len(made.Fields) != 1 || len(made.Fields[0].Choices) != 2 || made.URL == "" || !made.Active {
			t.Errorf("%+v", made)
		}
		boss.post("/forms", body).problem(http.StatusUnprocessableEntity, "error.invalid", "body.slug error.form.taken")

		body["kind"], body["version"] = "complaint", made.Version
		body["fields"] = []object{field, {"name": "text", "type": "long", "label": both("内容", ""), "required": false, "choices": []object{}}}
		boss.call("PUT", "/forms/"+made.ID, body).ok(http.StatusOK, &made)
		if made.Version != 2 || made.Kind != string(form.Complaint) || len(made.Fields) != 2 {
			t.Errorf("%+v", made)
		}
		boss.call("PUT", "/forms/"+made.ID, body).problem(http.StatusConflict, "error.stale")
		body["version"], body["fields"] = made.Version, []object{}
		boss.call("PUT", "/forms/"+made.ID, body).problem(http.StatusUnprocessableEntity, "error.invalid", "body.fields error.form.fields")

		boss.patch("/forms/"+made.ID, object{"active": false}).ok(http.StatusOK, &made)
		var list api.Page[api.Form]
		boss.get("/forms").ok(http.StatusOK, &list)
		if len(list.Items) != 1 || list.Items[0].Active || list.Items[0].Version != made.Version {
			t.Errorf("%+v", list)
		}
		boss.remove("/forms/"+made.ID).ok(http.StatusNoContent, nil)
		boss.remove("/forms/"+made.ID).problem(http.StatusNotFound, "error.form.notFound")
	})
}
