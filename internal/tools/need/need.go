// Package need finds the programs that tests want beside Go and Node, and
// installs them where that is possible without asking: as root on Debian.
package need

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// Program is something that must be on the machine.
type Program struct {
	Name     string   // what people call it
	Find     []string // names on PATH, or patterns of paths; the last match of a pattern wins
	Packages []string // of Debian
}

// Postgres is the folder with initdb and postgres in it.
func Postgres() Program {
	return Program{
		Name:     "PostgreSQL",
		Find:     []string{"/usr/lib/postgresql/*/bin/initdb", "/usr/local/pgsql/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb", "initdb"},
		Packages: []string{"postgresql"},
	}
}

// Chromium is the browser that component and end-to-end tests drive.
func Chromium() Program {
	return Program{
		Name:     "Chromium",
		Find:     []string{os.Getenv("CHROMIUM"), "/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"},
		Packages: []string{"chromium", "fonts-noto-cjk"},
	}
}

// Path returns where the program is, after installing it if it must and can be.
func (p Program) Path() (string, error) {
	if path := p.look(); path != "" {
		return path, nil
	}
	if err := p.install(); err != nil {
		return "", err
	}
	if path := p.look(); path != "" {
		return path, nil
	}
	return "", fmt.Errorf("%s was installed, but is in none of %s", p.Name, strings.Join(p.Find, ", "))
}

func (p Program) look() string {
	for _, f := range p.Find {
		if f == "" {
			continue
		}
		if !strings.Contains(f, "/") {
			if path, err := exec.LookPath(f); err == nil {
				return path
			}
			continue
		}
		found, err := filepath.Glob(f)
		if err == nil && len(found) > 0 {
			sort.Strings(found)
			return found[len(found)-1]
		}
	}
	return ""
}

func (p Program) install() error {
	by := "apt-get install " + strings.Join(p.Packages, " ")
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("%s is missing. Install it (on Debian: %s) and run this again", p.Name, by)
	}
	fmt.Fprintf(os.Stderr, "installing %s: %s\n", p.Name, by)
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-y", "-q", "--no-install-recommends"}, p.Packages...)} {
		c := exec.Command("apt-get", args...)
		c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s is missing, and %s failed: %w\n%s", p.Name, by, err, out)
		}
	}
	return nil
}
