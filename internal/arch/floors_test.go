package arch

import (
	"slices"
	"strings"
	"testing"
)

// floors lists the storeys from the ground up. Imports only go down.
func floors() []string {
	return []string{
		"internal/kit", "internal/channel", "internal/desk", "internal/voice", "internal/mend",
		"internal/people", "internal/insight", "internal/front", "internal/app", "internal/demo", "cmd",
	}
}

// slicesOf lists the slices of a floor from left to right: a slice may import
// those to its left. The tools of kit may import one another (the compiler
// forbids circles); channels are kept apart by a rule of their own.
func slicesOf(floor string) []string {
	switch floor {
	case "internal/desk":
		return []string{"team", "brand", "tag", "customer", "inbox", "contact", "delivery", "conversation", "intake", "review", "search", "form", "reception", "claim"}
	case "internal/voice":
		return []string{"survey", "place"}
	case "internal/mend":
		return []string{"recovery"}
	case "internal/front":
		return []string{"live", "notice", "page", "public", "forms", "contact", "scan", "webhook", "handout", "push", "chat", "api"}
	}
	return nil
}

// beside tells which packages stand beside the house. The house may import web
// (the embedded pages) from app and cmd only, and none of the others.
func beside(pkg string) bool {
	for _, p := range []string{"web", "test", "internal/arch", "internal/tools"} {
		if pkg == p || strings.HasPrefix(pkg, p+"/") {
			return true
		}
	}
	return false
}

func floorOf(pkg string) (level int, slice string) {
	for i, f := range floors() {
		if pkg == f {
			return i, ""
		}
		if rest, ok := strings.CutPrefix(pkg, f+"/"); ok {
			slice, _, _ = strings.Cut(rest, "/")
			return i, slice
		}
	}
	return -1, ""
}

// TestFloors keeps imports going down the staircase, and to the left on a floor.
func TestFloors(t *testing.T) { check(t, "floors", floorProblems(whole(t))) }

func floorProblems(tr *tree) (out []problem) {
	for _, f := range tr.files {
		if beside(f.pkg) {
			continue
		}
		if level, _ := floorOf(f.pkg); level < 0 {
			out = append(out, problem{f.path, "stands on no floor; floors_test.go lists them"})
			continue
		}
		for _, spec := range f.imports() {
			to, ours := strings.CutPrefix(unquoted(spec), module+"/")
			if !ours {
				continue
			}
			if why := forbidden(f, to); why != "" {
				out = append(out, problem{tr.at(spec), "imports " + to + ": " + why})
			}
		}
	}
	return out
}

func forbidden(f *source, to string) string {
	from := f.pkg
	if beside(to) {
		level, _ := floorOf(from)
		if to == "web" && (f.test || level >= slices.Index(floors(), "internal/app")) {
			return ""
		}
		return "it stands beside the house"
	}
	a, sa := floorOf(from)
	b, sb := floorOf(to)
	switch {
	case b < 0:
		return "it stands on no floor"
	case a < b:
		return "a floor above"
	case a > b:
		return ""
	}
	return sameFloor(f, sa, sb, floors()[a])
}

func sameFloor(f *source, from, to, floor string) string {
	if from == to {
		return ""
	}
	if floor == "internal/channel" {
		if to == "" || from == "builtin" || (f.test && (to == "channeltest" || to == "builtin")) || strings.HasPrefix(to, "channeltest") && f.test {
			return ""
		}
		return "a channel imports kit and the contract only"
	}
	order := slicesOf(floor)
	if order == nil {
		return ""
	}
	i, j := slices.Index(order, from), slices.Index(order, to)
	switch {
	case i < 0:
		return from + " has no place among the slices of " + floor
	case j < 0:
		return to + " has no place among the slices of " + floor
	case i < j:
		return to + " stands to the right of " + from
	}
	return ""
}

// TestDoors keeps the modules with side effects behind the one package that
// tames them, so that replacing one touches one folder.
func TestDoors(t *testing.T) { check(t, "doors", doorProblems(whole(t))) }

// doors tells which folders may import a module outside tests.
func doors() map[string][]string {
	return map[string][]string{
		"modernc.org/sqlite":              {"internal/kit/sqldb"},
		"github.com/jackc/pgx/":           {"internal/kit/sqldb"},
		"github.com/pressly/goose/":       {"internal/kit/sqldb"},
		"github.com/emersion/go-imap/":    {"internal/channel/email", "internal/tools"},
		"github.com/emersion/go-smtp":     {"internal/channel/email", "internal/tools", "test/bench"},
		"github.com/emersion/go-msgauth/": {"internal/channel/email"},
		"github.com/jhillyerd/enmime/":    {},
		"github.com/lxzan/gws":            {"internal/front/live", "internal/front/chat", "internal/channel/webchat/webchatsim", "test/bench"},
		"github.com/danielgtaylor/huma/":  {"internal/front", "internal/app"},
		"github.com/alecthomas/kong":      {"cmd", "internal/tools"},
		"github.com/microcosm-cc/":        {"internal/kit/rich"},
		"github.com/rickar/cal/":          {"internal/kit/worktime"},
		"rsc.io/qr":                       {"internal/kit/label"},
		"codeberg.org/go-pdf/":            {"internal/kit/label"},
		"gonum.org/":                      {"internal/kit/stat"},
		"github.com/prometheus/":          {"internal/app"},
		"golang.org/x/crypto/argon2":      {"internal/desk/team"},
		"math/rand":                       {"internal/kit", "internal/tools", "internal/app", "internal/demo", "internal/channel"},
		"unsafe":                          {},
		"github.com/google/go-cmp/":       {},
		"pgregory.net/rapid":              {},
		"go.uber.org/goleak":              {},
	}
}

func doorProblems(tr *tree) (out []problem) {
	for _, f := range tr.shipped() {
		if prop(f.pkg) {
			continue
		}
		for _, spec := range f.imports() {
			name := unquoted(spec)
			for prefix, allowed := range doors() {
				if name != prefix && name != strings.TrimSuffix(prefix, "/") && !strings.HasPrefix(name, strings.TrimSuffix(prefix, "/")+"/") {
					continue
				}
				if !slices.ContainsFunc(allowed, func(a string) bool { return f.pkg == a || strings.HasPrefix(f.pkg, a+"/") }) {
					out = append(out, problem{tr.at(spec), "imports " + name + ", which belongs to " + orNobody(allowed)})
				}
			}
		}
	}
	return out
}

func orNobody(list []string) string {
	if len(list) == 0 {
		return "tests only"
	}
	return strings.Join(list, ", ")
}

func TestFloorRulesCatch(t *testing.T) {
	imports := func(pkgs ...string) string {
		s := "package x\n"
		for _, p := range pkgs {
			s += "import _ \"" + module + "/" + p + "\"\n"
		}
		return s
	}
	caught(t, floorProblems(example(t,
		"internal/kit/id/a.go", imports("internal/desk/team"),
		"internal/desk/team/a.go", imports("internal/kit/id", "internal/desk/conversation", "internal/voice/survey"),
		"internal/desk/conversation/a.go", imports("internal/desk/team", "internal/channel"),
		"internal/desk/stray/a.go", imports("internal/desk/team"),
		"internal/channel/sms/a.go", imports("internal/channel", "internal/channel/email"),
		"internal/channel/builtin/a.go", imports("internal/channel/email"),
		"internal/front/api/a.go", imports("internal/front/live", "web"),
		"internal/front/live/a.go", imports("internal/front/api"),
		"internal/app/a.go", imports("web", "internal/tools/pgrun"),
		"internal/loose/a.go", imports(),
	),
	),
		"internal/kit/id/a.go:2 imports internal/desk/team: a floor above",
		"internal/desk/team/a.go:3 imports internal/desk/conversation: conversation stands to the right of team",
		"internal/desk/team/a.go:4 imports internal/voice/survey: a floor above",
		"stray has no place",
		"a channel imports kit and the contract only",
		"internal/front/api/a.go:3 imports web: it stands beside the house",
		"api stands to the right of live",
		"internal/app/a.go:3 imports internal/tools/pgrun",
		"internal/loose/a.go stands on no floor",
	)
	caught(t, doorProblems(example(t,
		"internal/desk/team/a.go", "package x\nimport _ \"modernc.org/sqlite/lib\"\nimport _ \"golang.org/x/crypto/argon2\"\n",
		"internal/kit/sqldb/a.go", "package x\nimport _ \"modernc.org/sqlite\"\n",
		"internal/kit/stat/a.go", "package x\nimport _ \"unsafe\"\n",
	)), "imports modernc.org/sqlite/lib", "imports unsafe")
}
