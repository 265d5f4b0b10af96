package main

import (
	"fmt"

	"github.com/kintsugi-desk/kintsugi/internal/app"
)

type backupCmd struct {
	To      string `arg:"" help:"File to write (.tar.gz)." type:"path"`
	WithKey bool   `help:"Put the instance key into the backup. Whoever has the file can then read the stored passwords."`
}

// Run implements the command.
func (c *backupCmd) Run(r *run) error {
	cfg, err := r.prepared()
	if err != nil {
		return err
	}
	sum, err := app.Backup(r.ctx, cfg, c.To, c.WithKey)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.stdout, "%s: %d conversations, %d messages, %d files, %d bytes\n", c.To, sum.Conversations, sum.Messages, sum.Blobs, sum.Bytes)
	if err == nil && !c.WithKey {
		_, err = fmt.Fprintf(r.stdout, "The instance key is not in it; keep a copy of %s apart (stored passwords cannot be read without it).\n", cfg.KeyPath())
	}
	return err
}

type restoreCmd struct {
	From       string `arg:"" help:"Backup to unpack." type:"existingfile"`
	ReplaceKey bool   `help:"Put the backup's instance key in place of another that is in the data folder."`
}

// Run implements the command.
func (c *restoreCmd) Run(r *run) error {
	cfg, err := r.prepared()
	if err != nil {
		return err
	}
	sum, err := app.Restore(r.ctx, cfg, c.From, c.ReplaceKey)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.stdout, `restored into %s: %d conversations, %d messages, %d files, %d bytes, made %s
proven: every checksum; the database's integrity and references; the same counts as when it was made; every file that the database mentions
`, cfg.DataDir, sum.Conversations, sum.Messages, sum.Blobs, sum.Bytes, sum.MadeAt.UTC().Format("2006-01-02 15:04 MST"))
	if err == nil {
		err = r.waiting(sum.Waiting)
	}
	if err == nil && !sum.HasKey {
		_, err = fmt.Fprintf(r.stdout, "The backup held no instance key: put yours at %s before you start, or enter the mailbox passwords again.\n", cfg.KeyPath())
	}
	return err
}

// waiting says what a restored database does not send by itself.
func (r *run) waiting(w app.Waiting) error {
	_, err := fmt.Fprintf(r.stdout, "not sent by themselves, as they may have left since the backup: %d waiting letters to customers (shown as ambiguous, to decide about), %d notices to agents by mail (left unsent), %d due survey invitations (skipped)\n",
		w.Letters, w.Notices, w.Invitations)
	return err
}

type reindexCmd struct {
	Restart bool `help:"Begin at the beginning, also when an earlier run was stopped on its way."`
}

// Run implements the command.
func (c *reindexCmd) Run(r *run) error {
	r.existing = true
	return r.with(func(a *app.App) error {
		sum, err := app.Reindex(r.ctx, a.Inside(), c.Restart, func(done app.Indexed) {
			r.progress("reindexed %d customers, %d conversations, %d messages\n", done.Customers, done.Conversations, done.Messages)
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(r.stdout, "indexed %d customers, %d conversations, %d messages; removed %d that are no more\n",
			sum.Customers, sum.Conversations, sum.Messages, sum.Removed)
		return err
	})
}
