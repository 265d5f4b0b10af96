package main_test

import (
	"strings"
	"testing"
)

// TestSecretsAreHidden plants secrets everywhere they can be given and looks for
// them in everything that is printed.
func TestSecretsAreHidden(t *testing.T) {
	const key, password = "5ec4e7000000000000000000000000000000000000000000000000000000feed", "pa55-of-the-database"
	for name, database := range map[string]string{
		"url":      "postgres://desk:" + password + "@127.0.0.1:1/desk",
		"query":    "postgres://desk@127.0.0.1:1/desk?password=" + password + "&sslmode=disable",
		"broken":   "postgres://desk:" + password + "@127.0.0.1:port/desk",
		"nonsense": "postgres://%zz" + password,
		"scheme":   "mysql://desk:" + password + "@127.0.0.1/desk",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, database)
			s.env["KINTSUGI_KEY"] = key
			s.env["KINTSUGI_LOG_LEVEL"] = "debug"
			s.must(mkdir(s, "data"))
			for _, line := range []string{
				"doctor --http 127.0.0.1:0", "doctor --json --http 127.0.0.1:0", "migrate", "serve --http 127.0.0.1:0", "key create --name x --role agent",
				"backup b.tar.gz", "reindex", "doctor --help", "doctor --log-level loud", "serve --key " + key + "0",
			} {
				s.exec(append([]string{"kintsugi"}, strings.Fields(line)...)...)
				for _, secret := range []string{key, password} {
					if out := s.stdout + s.stderr; strings.Contains(out, secret) {
						t.Errorf("kintsugi %s shows %q:\n%s", line, secret, out)
					}
				}
				if !strings.Contains(line, "--help") && s.code == 0 {
					t.Errorf("kintsugi %s: works without a database", line)
				}
			}
		})
	}
}
