package api_test

import (
	"net/http"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// TestContactPoints adds, replaces and removes a contact point over HTTP.
func TestContactPoints(t *testing.T) {
	onBoth(t, func(s *site) {
		root, _ := s.agent("Boss", team.Administrator)
		box := s.inbox(root)
		phone := map[string]any{"brandId": box.BrandID, "inboxId": box.ID, "kind": "phone", "value": "0570-012-345", "active": true, "label": map[string]string{"ja": "修理受付", "en": ""},
			"hours": map[string]any{"week": map[string]any{"mon": [][]string{{"10:00", "16:00"}}}}, "languages": []string{"ja"}, "access": []string{"relay"}}
		var made api.ContactPoint
		root.post("/contact-points", phone).ok(http.StatusCreated, &made)
		if made.Cost != "navi" || made.Hours == nil || len(made.Hours.Week["mon"]) != 1 || made.Access[0] != "relay" || made.Version != 1 {
			t.Errorf("%+v", made)
		}
		phone["value"] = "0120-123-456"
		phone["version"] = made.Version
		root.call("PUT", "/contact-points/"+made.ID, phone).ok(http.StatusOK, &made)
		if made.Cost != "free" || made.Version != 2 {
			t.Errorf("%+v", made)
		}
		root.call("PUT", "/contact-points/"+made.ID, phone).problem(http.StatusConflict, "error.stale")
		phone["value"] = "call"
		phone["version"] = 0
		root.call("PUT", "/contact-points/"+made.ID, phone).problem(http.StatusUnprocessableEntity, "error.invalid", "body.value error.contact.number")
		var list api.Page[api.ContactPoint]
		root.get("/contact-points").ok(http.StatusOK, &list)
		if len(list.Items) != 1 || list.Items[0].Value != "0120-123-456" {
			t.Errorf("%+v", list)
		}
		root.remove("/contact-points/"+made.ID).ok(http.StatusNoContent, nil)
	})
}
