package term

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

const cent = 10_000_000

func TestMoneyOfALineIsSpentAndProjected(t *testing.T) {
	for _, tt := range []struct {
		name string
		l    Line
		want string
	}{
		{"nothing spent", Line{Done: 5, Total: 10}, ""},
		{"half way", Line{Done: 5, Total: 10, CostNano: 200 * cent}, "$2.00 of ~$4.00"},
		{"nobody knows how many", Line{Done: 5, Total: -1, CostNano: 200 * cent}, "$2.00"},
		{"nobody knows how many, but what was expected", Line{Done: 5, Total: -1, CostNano: 200 * cent, ExpectedNano: 900 * cent}, "$2.00 of ~$9.00"},
		{"at the end", Line{Done: 10, Total: 10, CostNano: 200 * cent}, "$2.00"},
		{"before the first record", Line{Total: 10, CostNano: 200 * cent}, "$2.00"},
	} {
		p := NewProgress(&bytes.Buffer{}, Screen{})
		p.take([]Line{tt.l})
		if got := p.money(tt.l); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Answers from the cache come first where a build goes on: what the rest costs is
// what records of late did, not what all did.
func TestAProjectionGoesByTheRecordsOfLate(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	p := NewProgress(&bytes.Buffer{}, Screen{Now: func() time.Time { return now }})
	l := Line{Target: "a", Done: 800, Total: 1000, Hits: 800}
	p.take([]Line{l})
	now = now.Add(10 * time.Second)
	l.Done, l.CostNano = 810, 10*cent
	p.take([]Line{l})
	if got, want := p.money(l), "$0.1000 of ~$2.00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSeveralModelsHaveALineOfTheirOwnAndOneHasNone(t *testing.T) {
	lines := []Line{
		{Target: "qa", Done: 5, Total: 10, CostNano: 300 * cent, SavedNano: 50 * cent, Models: []Share{{"judge", 200 * cent}, {"keeper", 100 * cent}}},
		{Target: "facts", Done: 10, Total: 10, CostNano: 100 * cent, Models: []Share{{"judge", 100 * cent}, {"cheap", 0}}, State: Done},
	}
	f := newFake(t, 120, 24)
	NewProgress(f, f.screen()).Show(lines)
	expect(t, f.String(), `
▸ qa      5/10  ▕█████░░░░░░▏ 50%  $3.00 of ~$6.00  saved $0.5000
✓ facts  10/10  ▕███████████▏100%            $1.00
  judge $3.00 of ~$5.00, keeper $1.00 of ~$2.00
`)
	var out bytes.Buffer
	NewProgress(&out, Screen{}).Close(lines)
	if want := "models: judge $3.00 of ~$5.00, keeper $1.00 of ~$2.00\n"; !strings.HasSuffix(out.String(), want) || !strings.Contains(out.String(), "$3.00 of ~$6.00, $0.5000 saved") {
		t.Errorf("a pipe got\n%swant it to end in\n%s", out.String(), want)
	}
	lines[0].Models, lines[1].Models = lines[1].Models, nil
	f = newFake(t, 120, 24)
	NewProgress(f, f.screen()).Show(lines)
	if strings.Contains(f.String(), "judge") {
		t.Errorf("one model has a line of its own:\n%s", f.String())
	}
}
