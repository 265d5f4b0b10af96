package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

type uploadForm struct {
	File huma.FormFile `form:"file" required:"true"`
}

type uploadInput struct {
	RawBody huma.MultipartFormFiles[uploadForm]
}

type fileInput struct {
	ByID
	Inline bool `query:"inline" doc:"1 shows pictures in the page; everything else is downloaded."`
}

func addAttachments(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/attachments", Permission: team.ConversationWrite, Summary: "Upload a file for a message or draft",
		Status: http.StatusCreated, MaxBody: conversation.MaxUpload + 1<<20},
		func(ctx context.Context, who Caller, in *uploadInput) (Attachment, error) {
			f := in.RawBody.Data().File
			defer func() { _ = f.Close() }() // read only
			a, err := r.Files.Upload(ctx, who.Actor, conversation.Attachment{Name: f.Filename, ContentType: f.ContentType}, f)
			return Attachment{ID: a.ID, Name: a.Name, ContentType: a.ContentType, Size: a.Size}, err
		})
	Register(r, Op{Method: http.MethodGet, Path: "/attachments/{id}", Permission: team.ConversationRead, Summary: "Download a file"},
		func(ctx context.Context, who Caller, in *fileInput) (*stream, error) {
			a, body, err := r.Files.Open(ctx, who.Actor, in.ID)
			if err != nil {
				return nil, err
			}
			s := download(a.Name, a.ContentType, body)
			if in.Inline && pictureTypes[a.ContentType] {
				s.Disposition = "inline"
			}
			return s, nil
		})
}
