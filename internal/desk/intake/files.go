package intake

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// The duties of what is fetched after a message is safe.
const (
	fetchLane       = "fetch"
	fetchWorkers    = 4
	fetchTimeout    = 5 * time.Minute
	fetchDutyKind   = "intake.file"
	profileDutyKind = "intake.profile"
	receiptDutyKind = "intake.receipt"
	profileTries    = 5 // then nobody asks any more
	// MaxFetched is the largest file that is fetched for a message, in bytes.
	MaxFetched = 200 << 20
)

// fetcher is the part of a Door that brings what a message only names.
type fetcher struct{ *Door }

func (d *Door) register() {
	d.Queue.Lane(fetchLane, fetchWorkers)
	d.Queue.Call(fetchDutyKind, fetchLane, fetchTimeout, fetcher{d}.fetchFile)
	d.Queue.Call(profileDutyKind, fetchLane, fetchTimeout, fetcher{d}.fetchProfile)
	d.Queue.Do(receiptDutyKind, signals{d}.receiptAgain)
}

// promised is a file whose bytes are to be fetched once the message is safe.
func (d fetcher) promised(part channel.Part) conversation.Attachment {
	return conversation.Attachment{ID: d.IDs.New("att"), Name: text.Line(part.Name), ContentType: text.Line(part.ContentType), Size: part.Size,
		Inline: part.Inline, State: conversation.FileWaiting, Source: text.Safe(part.Ref)}
}

type fileDuty struct {
	InboxID      string `json:"inboxId"`
	AttachmentID string `json:"attachmentId"`
}

func (d fetcher) planFiles(ctx context.Context, tx *sqldb.Tx, p parcel) error {
	for _, a := range p.files {
		if a.State != conversation.FileWaiting {
			continue
		}
		if err := d.Queue.Add(ctx, tx, job.Duty{Kind: fetchDutyKind, Subject: a.ID, Data: fileDuty{p.box.ID, a.ID}}); err != nil {
			return err
		}
	}
	return nil
}

// fetchFile brings the bytes of one file.
func (d fetcher) fetchFile(ctx context.Context, j job.Job) error {
	var duty fileDuty
	if err := j.Decode(&duty); err != nil {
		return job.Give(err)
	}
	var a conversation.Attachment
	err := d.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		a, err = conversation.Amend(d.Threads).FileTx(ctx, tx, duty.AttachmentID)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && a.State != conversation.FileWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.fill(ctx, duty.InboxID, &a); err != nil {
		return err
	}
	return d.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if a.State == conversation.FileLarge {
			if err := inbox.Note(ctx, tx, duty.InboxID, tooLarge(a)); err != nil {
				return err
			}
		}
		return conversation.Amend(d.Threads).FilledTx(ctx, tx, a)
	})
}

// fill fetches a file's bytes, or finds out that they cannot be had. What its
// channel says is too large is not even asked for.
func (d fetcher) fill(ctx context.Context, inboxID string, a *conversation.Attachment) (err error) {
	if a.Size > MaxFetched {
		a.State = conversation.FileLarge
		return nil
	}
	ch, err := d.Open(ctx, inboxID)
	if err != nil {
		return d.later(err)
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	source, ok := ch.(channel.Fetcher)
	if !ok {
		a.State = conversation.FileGone
		return nil
	}
	r, contentType, err := source.Fetch(ctx, a.Source)
	if _, gone := channel.IsRefused(err); gone {
		a.State = conversation.FileGone
		return nil
	}
	if e := d.asked(ctx, inboxID, err); e != nil {
		if err == nil {
			e = errors.Join(e, r.Close())
		}
		return e
	}
	if err != nil {
		return d.later(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	in := io.LimitReader(r, MaxFetched+1)
	key, size, err := d.Blobs.Put(ctx, in)
	if err != nil {
		return err
	}
	a.State, a.BlobKey, a.Size = conversation.FileReady, key, size
	if contentType != "" {
		a.ContentType = text.Line(contentType)
	}
	if size > MaxFetched {
		a.State, a.BlobKey = conversation.FileLarge, ""
	}
	return nil
}

// later heeds the other side's wish to be asked again later.
func (d fetcher) later(err error) error {
	if l, ok := channel.AsLater(err); ok {
		return job.Later(d.DB.Clock().Now().Add(l.After))
	}
	return err
}

type profileDuty struct {
	InboxID string `json:"inboxId"`
	Kind    string `json:"kind"`
	Address string `json:"address"`
}

// planProfile asks the channel who a new customer is.
func (d fetcher) planProfile(ctx context.Context, tx *sqldb.Tx, p parcel, address string) error {
	if !p.kind.Personal {
		return nil
	}
	return d.Queue.Add(ctx, tx, job.Duty{Kind: profileDutyKind, Subject: address, Data: profileDuty{p.box.ID, p.point(), address}})
}

func (d fetcher) fetchProfile(ctx context.Context, j job.Job) (err error) {
	var duty profileDuty
	if err := j.Decode(&duty); err != nil {
		return job.Give(err)
	}
	ch, err := d.Open(ctx, duty.InboxID)
	if err != nil {
		return d.later(err)
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	source, ok := ch.(channel.Profiler)
	if !ok {
		return nil
	}
	who, err := source.Profile(ctx, duty.Address)
	if err := d.asked(ctx, duty.InboxID, err); err != nil {
		return err
	}
	if _, none := channel.IsRefused(err); none || channel.IsSettings(err) || err != nil && j.Attempt >= profileTries {
		return nil // a name would be nice, but it is not worth a fuss
	}
	if err != nil {
		return d.later(err)
	}
	language, _, _ := strings.Cut(who.Language, "-")
	return d.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, _, err := d.Customers.ResolveTx(ctx, tx, customer.Seen{Kind: duty.Kind, Address: duty.Address, Name: who.Name, Locale: language})
		return err
	})
}
