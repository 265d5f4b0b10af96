package app

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/front/handout"
	"github.com/kintsugi-desk/kintsugi/internal/front/webhook"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// outside is what the other sides of channels reach.
type outside struct{ *App }

// called builds the outlet on which the other sides of channels call us.
func (a outside) called() *webhook.Calls {
	return webhook.New(webhook.Deps{
		Open: a.exchange.answering, Tell: a.exchange.believed, Clock: a.cfg.Clock, Log: a.log, Origin: a.cfg.PublicURL, ClientAddress: a.clientAddress,
		Accept: func(ctx context.Context, inboxID string, raw channel.Raw) error {
			_, err := a.door.Accept(ctx, inboxID, raw)
			return err
		},
	})
}

// handed builds the outlet from which the other sides fetch files.
func (a outside) handed() *handout.Files {
	return &handout.Files{Key: a.key, Clock: a.cfg.Clock, Origin: a.cfg.PublicURL, Get: a.blobs.Get}
}

// linkTo returns an address from which the other side of a channel can fetch a
// file of a letter.
func (a outside) linkTo(file delivery.Attachment) string {
	return a.handed().Link(handout.File{BlobKey: file.BlobKey, ContentType: file.ContentType, Name: file.Name})
}

// previewOf returns an address of a small picture of a file.
func (a outside) previewOf(file delivery.Attachment) string {
	return a.handed().Preview(handout.File{BlobKey: file.BlobKey, ContentType: file.ContentType, Name: file.Name}, file.Size)
}

// answering opens the channel of an inbox that is in service.
func (x *exchange) answering(ctx context.Context, id string) (channel.Channel, error) {
	var in inbox.Inbox
	err := x.app.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		in, err = x.app.inboxes.ByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !in.Active {
		return nil, fault.New(fault.NotFound, "error.inbox.notFound")
	}
	return x.channel(ctx, id)
}

// believed notes on an inbox how a call went. One that is not believed counts
// only as long as none was: it shows a wrong secret while the inbox is set up.
// Later anybody could send such calls, and the inbox would look ill.
func (x *exchange) believed(ctx context.Context, id string, cause error) {
	ctx = context.WithoutCancel(ctx)
	if cause != nil {
		var in inbox.Inbox
		err := x.app.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
			in, err = x.app.inboxes.ByID(ctx, tx, id)
			return err
		})
		if err != nil || !in.Health.Receive.SuccessAt.IsZero() {
			return
		}
	}
	if err := x.app.inboxes.Healthy(ctx, id, inbox.Receiving, cause); err != nil {
		x.app.log.WarnContext(ctx, "noting an inbox's health", "inbox", id, "error", err)
	}
}
