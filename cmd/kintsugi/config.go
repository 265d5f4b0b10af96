package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// fileFlags takes flags from the JSON file that --config or KINTSUGI_CONFIG
// names: {"public-url": "https://…"}. A name may also be written public_url or
// publicUrl. One that is no flag of any command is a mistake and refused, as it
// would otherwise be believed to be in effect.
type fileFlags struct {
	read   bool
	values map[string]any // by the flag's name
}

// fileError says what is wrong with the file, whichever flag was looked for in it.
type fileError struct{ error }

// Validate implements kong.Resolver. The file is checked when it is read.
func (*fileFlags) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. What the environment says is not asked for again.
func (f *fileFlags) Resolve(c *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if err := f.load(c); err != nil {
		return nil, err
	}
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	return f.values[flag.Name], nil
}

func (f *fileFlags) load(c *kong.Context) error {
	if f.read {
		return nil
	}
	f.read = true
	names, path := map[string]string{}, ""
	for _, list := range c.Model.Node.Leaves(false) {
		for _, group := range list.AllFlags(false) {
			for _, flag := range group {
				names[plain(flag.Name)] = flag.Name
				if flag.Name == "config" {
					path, _ = c.FlagValue(flag).(string)
				}
			}
		}
	}
	if path == "" {
		return nil
	}
	raw, err := readObject(path)
	if err != nil {
		return &fileError{err}
	}
	f.values = map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		name, ok := names[plain(key)]
		if !ok {
			return &fileError{fmt.Errorf("%s: %q is no flag", path, key)}
		}
		f.values[name] = raw[key]
	}
	return nil
}

func readObject(path string) (map[string]any, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read from
	d := json.NewDecoder(file)
	raw := map[string]any{}
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: want one JSON object and nothing after it", path)
	}
	return raw, nil
}

// plain makes public-url, public_url and publicUrl the same.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}
