package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// Tag is a word on conversations.
type Tag struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Color     int    `json:"color" minimum:"0" maximum:"7" doc:"A place in the screen's palette."`
	Complaint bool   `json:"complaint" doc:"Putting it on a conversation opens a recovery case."`
}

type newTagInput struct {
	Body struct {
		Name      string `json:"name"`
		Color     int    `json:"color,omitempty"`
		Complaint bool   `json:"complaint,omitempty"`
	}
}

type tagPatchInput struct {
	ByID
	Body struct {
		Name      *string `json:"name,omitempty"`
		Color     *int    `json:"color,omitempty"`
		Complaint *bool   `json:"complaint,omitempty"`
	}
}

func addTags(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/tags", Permission: team.SettingsRead, Summary: "List all tags"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Tag], error) {
			return allOf(ctx, r, r.Tags.List, viewTag)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/tags", Permission: team.SettingsWrite, Summary: "Make a tag", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newTagInput) (Tag, error) {
			t, err := r.Tags.Create(ctx, who.Actor, tag.Change{Name: &in.Body.Name, Color: &in.Body.Color, Complaint: &in.Body.Complaint})
			return viewTag(t), err
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/tags/{id}", Permission: team.SettingsWrite, Summary: "Change a tag"},
		func(ctx context.Context, who Caller, in *tagPatchInput) (Tag, error) {
			t, err := r.Tags.Change(ctx, who.Actor, in.ID, tag.Change{Name: in.Body.Name, Color: in.Body.Color, Complaint: in.Body.Complaint})
			return viewTag(t), err
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/tags/{id}", Permission: team.SettingsWrite, Summary: "Remove a tag from everywhere"},
		func(ctx context.Context, who Caller, in *ByID) error { return r.Tags.Delete(ctx, who.Actor, in.ID) })
}

func viewTag(t tag.Tag) Tag {
	return Tag{ID: t.ID, Name: t.Name, Color: t.Color, Complaint: t.Complaint}
}
