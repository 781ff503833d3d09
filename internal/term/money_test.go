package term

import "testing"

func TestMoneyOfALineIsSpentAndProjected(t *testing.T) {
	const cent = 10_000_000
	for _, tt := range []struct {
		name string
		l    Line
		want string
	}{
		{"nothing spent", Line{Done: 5, Total: 10}, ""},
		{"half way", Line{Done: 5, Total: 10, CostNano: 200 * cent}, "$2.00 of ~$4.00"},
		{"nobody knows how many", Line{Done: 5, Total: -1, CostNano: 200 * cent}, "$2.00"},
		{"at the end", Line{Done: 10, Total: 10, CostNano: 200 * cent}, "$2.00"},
		{"before the first record", Line{Total: 10, CostNano: 200 * cent}, "$2.00"},
	} {
		if got := money(tt.l); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
