package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// Claim is a mail address that a customer told, and nobody has confirmed.
type Claim struct {
	ID      string     `json:"id"`
	Address string     `json:"address"`
	ToldAt  time.Time  `json:"toldAt"`
	AskedAt *time.Time `json:"askedAt" doc:"When a mail with the question was sent there last."`
	Until   *time.Time `json:"until" doc:"How long its link can be used."`
}

func viewClaim(c claim.Claim) Claim {
	return Claim{ID: c.ID, Address: c.Address, ToldAt: c.ToldAt, AskedAt: moment(c.AskedAt), Until: moment(c.Until)}
}

type tellInput struct {
	ByID
	Body struct {
		Address string `json:"address" maxLength:"320"`
	}
}

func addClaims(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/customers/{id}/claims", Permission: team.CustomerWrite, Summary: "Note a mail address that a customer told; it is theirs once confirmed"},
		func(ctx context.Context, who Caller, in *tellInput) (Customer, error) {
			if err := r.Claims.Tell(ctx, who.Actor, in.ID, in.Body.Address); err != nil {
				return Customer{}, err
			}
			return customerByID(ctx, r, in.ID)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/customers/claims/{id}/ask", Permission: team.CustomerWrite, Summary: "Mail the question to a told address whether it is the customer's", Status: http.StatusNoContent},
		func(ctx context.Context, who Caller, in *ByID) (struct{}, error) {
			return struct{}{}, r.Claims.Ask(ctx, who.Actor, in.ID)
		})
	Handle(r, Op{Method: http.MethodDelete, Path: "/customers/claims/{id}", Permission: team.CustomerWrite, Summary: "Forget a told address", Status: http.StatusNoContent},
		func(ctx context.Context, who Caller, in *ByID) (struct{}, error) {
			return struct{}{}, r.Claims.Withdraw(ctx, who.Actor, in.ID)
		})
}
