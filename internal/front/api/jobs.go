package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Job is one duty as an administrator sees it. Its data may hold customers'
// words and is not shown.
type Job struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Subject   string    `json:"subject"`
	State     string    `json:"state" enum:"ready,running,dead"`
	RunAt     time.Time `json:"runAt"`
	CreatedAt time.Time `json:"createdAt"`
	Attempt   int       `json:"attempt"`
	LastError string    `json:"lastError"`
}

type jobsInput struct {
	PageQuery
	State string `query:"state" enum:"ready,running,dead,stranded" default:"dead" doc:"stranded: ready, due for an hour, and of a kind that this node does not do"`
}

func addJobs(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/jobs", Permission: team.JobRead, Summary: "List duties by state, oldest first"},
		func(ctx context.Context, _ Caller, in *jobsInput) (Page[Job], error) {
			page := Page[Job]{Items: []Job{}}
			err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				list, err := r.Queue.List(ctx, tx, in.State, in.Cursor, in.Limit+1)
				for i, j := range list {
					if i == in.Limit {
						page.Next = list[i-1].ID
						break
					}
					page.Items = append(page.Items, jobView(j))
				}
				return err
			})
			return page, err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/jobs/{id}/retry", Permission: team.JobRetry, Summary: "Let a dead or waiting duty run now"},
		func(ctx context.Context, _ Caller, in *ByID) error {
			return r.DB.Write(ctx, func(tx *sqldb.Tx) error { return r.Queue.Revive(ctx, tx, in.ID) })
		})
}

func jobView(j job.Job) Job {
	return Job{ID: j.ID, Kind: j.Kind, Subject: j.Subject, State: j.State, RunAt: j.RunAt, CreatedAt: j.CreatedAt, Attempt: j.Attempt, LastError: j.LastError}
}
