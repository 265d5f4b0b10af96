// Command kintsugi is the whole product: the server, its demonstration, and the
// tools of whoever runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Exit codes: what a script can rely on.
const (
	exitOK          = 0
	exitFailed      = 1 // the command could not do its work
	exitUsage       = 2 // a flag or value is wrong
	exitUnavailable = 3 // the database or storage is away
	exitCheck       = 4 // a check found something wrong
)

// version is stamped at build time.
var version = "" // arch:stamped by the linker

type cli struct {
	Config    string `help:"Read flags from this JSON file; the environment and the command line come first." placeholder:"FILE"`
	Data      string `help:"Folder for files, the key and the embedded database; ${default} when not given." default:"data" placeholder:"DIR"`
	Database  string `help:"postgres://USER@HOST/NAME; without it, SQLite in the data folder." placeholder:"URL"`
	LogFormat string `help:"text or json." enum:"text,json" default:"text"`
	LogLevel  string `help:"debug, info, warn or error; ${default} when not given." enum:"debug,info,warn,error" default:"info"`
	Key       string `help:"Instance key, 64 hexadecimal digits; without it, a file in the data folder." placeholder:"HEX"`

	Serve   serveCmd         `cmd:"" help:"Run the server."`
	Demo    demoCmd          `cmd:"" help:"Run a temporary instance with three months of believable life."`
	Seed    seedCmd          `cmd:"" help:"Write made-up conversations, the same for the same seed."`
	User    userCmd          `cmd:"" help:"Agents."`
	KeyCmd  keyCmd           `cmd:"" name:"key" help:"API keys."`
	Migrate migrateCmd       `cmd:"" help:"Bring the database's schema up to date."`
	Doctor  doctorCmd        `cmd:"" help:"Print the configuration in effect and check that everything works."`
	Backup  backupCmd        `cmd:"" help:"Write a consistent copy of a running instance into one file."`
	Restore restoreCmd       `cmd:"" help:"Unpack a backup into an empty data folder and prove that it is whole."`
	Reindex reindexCmd       `cmd:"" help:"Build the search index anew, beside a running server or without one."`
	Help    helpCmd          `cmd:"" help:"Explain the program, or one command."`
	Number  versionCmd       `cmd:"" name:"version" help:"Print the version."`
	Version kong.VersionFlag `help:"Print the version." env:"-"`
}

// helpCmd stands in the list of commands; its words are those of --help.
type helpCmd struct {
	Command []string `arg:"" optional:"" help:"Command to explain."`
}

// Run implements the command, for who wrote flags before it.
func (helpCmd) Run(k *kong.Context) error { return k.PrintUsage(false) }

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(r *run) error {
	_, err := fmt.Fprintln(r.stdout, buildVersion())
	return err
}

// run is what every command gets.
type run struct {
	ctx    context.Context
	cli    *cli
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	existing bool // the command works only on an instance that is there already
}

// progress tells whoever waits how far a long command has come.
func (r *run) progress(format string, args ...any) { _, _ = fmt.Fprintf(r.stderr, format, args...) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks a second time is in a hurry: the signal then kills
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("kintsugi"),
		kong.Description("Customer service and service recovery, self-hosted.\n\nEvery flag can also be given as KINTSUGI_<FLAG> or in the file of --config."),
		kong.DefaultEnvars("KINTSUGI"),
		kong.Resolvers(&fileFlags{}),
		kong.Vars{"version": buildVersion()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
	)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "kintsugi:", err)
		return exitFailed
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help or --version did their work
		return exited
	}
	if err != nil {
		if file, ok := errors.AsType[*fileError](err); ok {
			err = file
		}
		_, _ = fmt.Fprintf(stderr, "kintsugi: %v\nRun `kintsugi --help`, or `kintsugi COMMAND --help`.\n", err)
		return exitUsage
	}
	err = parsed.Run(&run{ctx: ctx, cli: &c, stdin: stdin, stdout: stdout, stderr: stderr})
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return exitOK
	}
	_, _ = fmt.Fprintln(stderr, "kintsugi:", strings.TrimPrefix(app.Explain(err), errUsage.Error()+": "))
	switch {
	case errors.Is(err, errUsage), fault.Is(err, fault.Invalid):
		return exitUsage
	case fault.Is(err, fault.Unavailable):
		return exitUnavailable
	case errors.Is(err, errCheck):
		return exitCheck
	}
	return exitFailed
}

var (
	errUsage = errors.New("wrong usage")
	errCheck = errors.New("a check failed")
)

func usage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// config is the part of the configuration that all commands share.
func (r *run) config() (app.Config, error) {
	log, err := r.logger()
	cfg := app.Config{DataDir: r.cli.Data, Database: r.cli.Database, Key: r.cli.Key, Log: log, Version: buildVersion()}
	return cfg, err
}

func (r *run) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(r.cli.LogLevel)); err != nil {
		return nil, usage("--log-level: %v", err)
	}
	opts := &slog.HandlerOptions{Level: level}
	if r.cli.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(r.stderr, opts)), nil
	}
	return slog.New(slog.NewTextHandler(r.stderr, opts)), nil
}

func prefixes(flag string, list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, errAddr := netip.ParseAddr(s)
			if errAddr != nil {
				return nil, usage("%s %q: want an address or a network such as 10.0.0.0/8", flag, s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unversioned)"
}
