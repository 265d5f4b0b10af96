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
	From string `arg:"" help:"Backup to unpack." type:"existingfile"`
}

// Run implements the command.
func (c *restoreCmd) Run(r *run) error {
	cfg, err := r.prepared()
	if err != nil {
		return err
	}
	sum, err := app.Restore(r.ctx, cfg, c.From)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.stdout, "restored and checked: %d conversations, %d messages, %d files, every checksum right\n", sum.Conversations, sum.Messages, sum.Blobs)
	if err == nil && !sum.HasKey {
		_, err = fmt.Fprintf(r.stdout, "The backup held no instance key: put yours at %s before you start, or enter the mailbox passwords again.\n", cfg.KeyPath())
	}
	return err
}
