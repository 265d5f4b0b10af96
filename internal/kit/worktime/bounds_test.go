package worktime_test

import (
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

func names(bounds []worktime.Bound) []string {
	var out []string
	for _, b := range bounds {
		out = append(out, b.Name)
	}
	return out
}

func TestBoundsKnown(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	days := worktime.Days(ny, at(t, "America/New_York", "2026-03-07 12:00"), at(t, "America/New_York", "2026-03-10 00:00"))
	want := []float64{24, 23, 24}
	if len(days) != len(want) {
		t.Fatalf("days %v", names(days))
	}
	for i, d := range days {
		if got := d.End.Sub(d.Start).Hours(); got != want[i] {
			t.Errorf("%s has %v hours, want %v", d.Name, got, want[i])
		}
	}
	weeks := worktime.Weeks(ny, at(t, "America/New_York", "2026-03-08 12:00"), at(t, "America/New_York", "2026-03-09 00:01"))
	if len(weeks) != 2 || weeks[0].Name != "2026-03-02" || weeks[1].Name != "2026-03-09" {
		t.Errorf("weeks %v", names(weeks))
	}
	months := worktime.Months(ny, at(t, "America/New_York", "2026-11-30 00:00"), at(t, "America/New_York", "2027-01-01 00:00"))
	if len(months) != 2 || months[0].Name != "2026-11-01" || months[1].Name != "2026-12-01" {
		t.Errorf("months %v", names(months))
	}
	if got := worktime.Days(ny, days[1].Start, days[1].Start); got != nil {
		t.Errorf("an empty stretch has days %v", names(got))
	}
}

// Samoa skipped 30 December 2011.
func TestSkippedDate(t *testing.T) {
	apia, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	got := names(worktime.Days(apia, at(t, "Pacific/Apia", "2011-12-29 01:00"), at(t, "Pacific/Apia", "2011-12-31 01:00")))
	if len(got) != 2 || got[0] != "2011-12-29" || got[1] != "2011-12-31" {
		t.Errorf("days %v", got)
	}
}
