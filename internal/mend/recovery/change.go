package recovery

import (
	"context"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Patch is what a person may change of a case; nil leaves a field.
type Patch struct {
	OwnerID *string // "": nobody
	Inputs  *InputsPatch
	Cause   *Cause
	Measure *Measure
	Version *int64 // refuse if the case has changed since
}

// InputsPatch corrects single inputs of the severity.
type InputsPatch struct {
	Harm                                        *int
	FirmResponsible, Recurring, DoubleDeviation *bool
	Public, Vulnerable, Relationship            *bool
	StrongAnger                                 *bool
}

func (p InputsPatch) apply(in *Inputs) {
	if p.Harm != nil {
		in.Harm = *p.Harm
	}
	for _, b := range []struct {
		from *bool
		to   *bool
	}{
		{p.FirmResponsible, &in.FirmResponsible}, {p.Recurring, &in.Recurring}, {p.DoubleDeviation, &in.DoubleDeviation}, {p.Public, &in.Public},
		{p.Vulnerable, &in.Vulnerable}, {p.Relationship, &in.Relationship}, {p.StrongAnger, &in.StrongAnger},
	} {
		if b.from != nil {
			*b.to = *b.from
		}
	}
}

func (p *Patch) check() error {
	var c fault.Check
	if v := p.Cause; v != nil {
		v.Text = strings.TrimSpace(v.Text)
		checkText(&c, "body.cause.text", v.Text, true)
		c.That(slices.Contains(Categories(), v.Category), "body.cause.category", "error.recovery.category")
		c.That(v.Locus == "" || slices.Contains(Loci(), v.Locus), "body.cause.locus", "error.recovery.locus")
		c.That(v.Stability == "" || slices.Contains(Stabilities(), v.Stability), "body.cause.stability", "error.recovery.stability")
	}
	if v := p.Measure; v != nil {
		v.Text = strings.TrimSpace(v.Text)
		checkText(&c, "body.measure.text", v.Text, true)
	}
	return c.Err()
}

// Change changes a case. The cause and the measure of a closed case may still be
// corrected: hindsight is when they are understood. Errors: fault.Invalid with
// fields; fault.Conflict "error.stale" for another version, or when a closed
// case should get another owner or severity.
func (x *Cases) Change(ctx context.Context, by actor.Actor, id ID, p Patch) (Case, error) {
	if err := p.check(); err != nil {
		return Case{}, err
	}
	return x.change(ctx, by, id, func(f *file) error {
		if p.Version != nil && *p.Version != f.c.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		if (p.OwnerID != nil || p.Inputs != nil) && !f.c.Open() {
			return fault.New(fault.Conflict, "error.recovery.closedAlready")
		}
		ch := changer{f}
		for _, fn := range []func(context.Context, Patch) error{ch.setOwner, ch.setInputs, ch.setCause, ch.setMeasure} {
			if err := fn(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// changer applies a patch to a case in work.
type changer struct{ *file }

func (f changer) setOwner(ctx context.Context, p Patch) error {
	if p.OwnerID == nil {
		return nil
	}
	if *p.OwnerID != "" {
		a, err := f.Agents.ByID(ctx, f.tx, *p.OwnerID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		var c fault.Check
		c.That(err == nil && a.Active, "body.ownerId", "error.recovery.owner")
		if err := c.Err(); err != nil {
			return err
		}
	}
	return f.give(ctx, *p.OwnerID)
}

func (f changer) setInputs(ctx context.Context, p Patch) error {
	if p.Inputs == nil {
		return nil
	}
	was := f.c.Inputs
	p.Inputs.apply(&f.c.Inputs)
	if err := f.c.Inputs.check("body.inputs"); err != nil {
		return err
	}
	if f.c.State == Acknowledged { // a person has looked: the inputs stand
		f.move(Assessed)
	}
	if was == f.c.Inputs {
		return nil
	}
	f.touch("inputs")
	return f.rate(ctx)
}

func (f changer) setCause(ctx context.Context, p Patch) error {
	if p.Cause == nil || f.c.Cause != nil && *f.c.Cause == *p.Cause {
		return nil
	}
	f.c.Cause = p.Cause
	f.touch("cause")
	return f.tell(ctx, "cause", "category", p.Cause.Category, "text", p.Cause.Text)
}

func (f changer) setMeasure(ctx context.Context, p Patch) error {
	if p.Measure == nil || f.c.Measure != nil && f.c.Measure.Text == p.Measure.Text && f.c.Measure.DueAt.Equal(p.Measure.DueAt) {
		return nil
	}
	f.c.Measure = p.Measure
	f.touch("measure")
	return f.tell(ctx, "measure", "text", p.Measure.Text)
}
