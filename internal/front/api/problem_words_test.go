package api_test

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// What people get wrong in a form is said in their language, also where only the
// description of the API forbids it; what programs get wrong stays precise.
func TestTheFrameworksWordsAreTranslated(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, self := s.agent("Boss", team.Administrator)
		line := func(limit any, currency string) object {
			return object{"items": []object{{"role": "agent", "type": "refund", "currency": currency, "limit": limit, "periodLimit": 1}}}
		}
		for _, c := range []struct {
			lang, method, path string
			body               object
			want               string
		}{
			{"ja", "PUT", "/authorities", line(-5, "JPY"), "-1以上の値を入力してください。"},
			{"en", "PUT", "/authorities", line(1.5, "JPY"), "Please enter a whole number."},
			{"ja", "PUT", "/authorities", line(1, "YENS"), "3文字以内に短くしてください。"},
			{"ja", "PATCH", "/agents/" + self.ID, object{"role": "king"}, "expected value to be one of"},
		} {
			boss.lang = c.lang
			p := boss.call(c.method, c.path, c.body).problem(422, "error.invalid")
			if len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, c.want) {
				s.Errorf("%s %v: %+v, want %q", c.lang, c.body, p.Errors, c.want)
			}
		}
	})
}
