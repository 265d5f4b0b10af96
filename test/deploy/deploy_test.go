package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// directives reads a unit: every value of each name.
func directives(t *testing.T) map[string][]string {
	b, err := os.ReadFile("../../deploy/kintsugi.service")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, line := range strings.Split(string(b), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			out[name] = append(out[name], value)
		}
	}
	return out
}

// help is what the program says about its flags.
func help(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "kintsugi")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/kintsugi").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

var flag = regexp.MustCompile(`--[a-z][a-z-]*`)

func flagsExist(t *testing.T, known, line string) {
	for _, f := range flag.FindAllString(line, -1) {
		if !regexp.MustCompile(regexp.QuoteMeta(f) + `[=,\s]`).MatchString(known) {
			t.Errorf("there is no flag %s; it stands in %q", f, line)
		}
	}
}

func TestUnit(t *testing.T) {
	d := directives(t)
	if len(d["ExecStart"]) != 1 || !strings.HasPrefix(d["ExecStart"][0], "/usr/local/bin/kintsugi serve ") {
		t.Fatal("ExecStart:", d["ExecStart"])
	}
	flagsExist(t, help(t), d["ExecStart"][0])
	for name, want := range map[string]string{
		"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
		"PrivateDevices": "yes", "CapabilityBoundingSet": "", "MemoryDenyWriteExecute": "yes", "RestrictSUIDSGID": "yes",
		"UMask": "0077", "StateDirectory": "kintsugi", "Restart": "always",
	} {
		if !slices.Equal(d[name], []string{want}) {
			t.Errorf("%s = %q, want %q", name, d[name], want)
		}
	}
}

// systemd itself reads the unit where it is installed.
func TestUnitAsSystemdReadsIt(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed here; TestUnit has read the unit without it")
	}
	b, err := os.ReadFile("../../deploy/kintsugi.service")
	if err != nil {
		t.Fatal(err)
	}
	// The program need not be installed for the unit to be right.
	unit := filepath.Join(t.TempDir(), "kintsugi.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(b), "/usr/local/bin/kintsugi", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", unit).CombinedOutput()
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "kintsugi.service") {
			t.Error(line)
		}
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestContainerfile(t *testing.T) {
	b, err := os.ReadFile("../../deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(string(b), "")
	text = strings.ReplaceAll(text, "\\\n", " ")
	steps := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if name, value, ok := strings.Cut(line, " "); ok {
			steps[name] = append(steps[name], value)
		}
	}
	from := steps["FROM"]
	if len(from) != 2 || !regexp.MustCompile(`:\d+\.\d+`).MatchString(from[0]) || from[1] != "scratch" {
		t.Errorf("FROM %q: want a base with its version, and an empty image", from)
	}
	if len(steps["ADD"]) > 0 {
		t.Error("ADD fetches and unpacks; COPY does what it says")
	}
	if u := steps["USER"]; len(u) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(u[0]) {
		t.Errorf("USER %q: want a numeric user that is not root", u)
	}
	if !slices.Equal(steps["ENTRYPOINT"], []string{`["/kintsugi"]`}) || len(steps["CMD"]) != 1 {
		t.Errorf("ENTRYPOINT %q CMD %q", steps["ENTRYPOINT"], steps["CMD"])
	}
	known := help(t)
	flagsExist(t, known, strings.Join(steps["CMD"], " "))
	for _, name := range regexp.MustCompile(`KINTSUGI_[A-Z_]+`).FindAllString(strings.Join(steps["ENV"], " "), -1) {
		if !strings.Contains(known, "$"+name) {
			t.Errorf("nothing reads %s", name)
		}
	}
}
