package meta_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// TestOnlyATokenIsEverybodys: a missing permission may concern one person, a token
// that is refused concerns all.
func TestOnlyATokenIsEverybodys(t *testing.T) {
	for f, token := range map[meta.Failure]bool{{Status: 400, Code: 190}: true, {Status: 401, Code: 102}: true, {Status: 401}: true,
		{Status: 400, Code: 10}: false, {Status: 403, Code: 200}: false, {Status: 400, Code: 3}: false} {
		err := meta.Judge(&f, false)
		if !channel.IsSettings(err) || channel.IsToken(err) != token || channel.SaysToken(err.Error()) != token {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
