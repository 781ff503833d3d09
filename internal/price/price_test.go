package price

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/provider"
)

func TestCostsAreExact(t *testing.T) {
	const usd = 1_000_000_000
	glm := Price{Prompt: 600_000_000, Completion: 2_200_000_000, CachedPrompt: 110_000_000}
	tests := []struct {
		name                       string
		p                          Price
		prompt, cached, completion int64
		want                       int64
	}{
		{"a million each", glm, 1_000_000, 0, 1_000_000, 2_800_000_000},
		{"half of the prompt cached", glm, 1_000_000, 500_000, 0, 355_000_000},
		{"one token", glm, 1, 0, 0, 600},
		{"rounded", Price{Prompt: 1_499_999}, 1, 0, 0, 1},
		{"rounded up", Price{Prompt: 1_500_000}, 1, 0, 0, 2},
		{"more cached than there is", glm, 10, 20, 0, 10 * 110},
		{"nothing", glm, 0, 0, 0, 0},
		{"nonsense", glm, -5, -7, -1, 0},
		{"dear and long", Price{Prompt: 1_000_000 * usd}, 9_000_000, 0, 0, 9_000_000 * usd},
		{"beyond all bounds", Price{Prompt: math.MaxInt64}, math.MaxInt64, 0, 0, math.MaxInt64},
	}
	for _, tt := range tests {
		if got := tt.p.Cost(tt.prompt, tt.cached, tt.completion); got != tt.want {
			t.Errorf("%s: got %d nano-USD, want %d", tt.name, got, tt.want)
		}
	}
}

func TestListedPrices(t *testing.T) {
	mini := Price{Prompt: 400_000_000, CachedPrompt: 100_000_000, Completion: 1_600_000_000}
	for _, tt := range []struct {
		provider, model string
		want            Price
		ok              bool
	}{
		{"openai", "gpt-4.1-mini", mini, true},
		{"openai", "gpt-4.1-mini-2025-04-14", mini, true},
		{"openai", "gpt-4o-2024-05-13", Price{5_000_000_000, 15_000_000_000, 5_000_000_000}, true}, // dearer than those after it
		{"anthropic", "claude-sonnet-4-20250514", Price{3_000_000_000, 15_000_000_000, 300_000_000}, true},
		{"google", "gemini-2.5-flash", Price{300_000_000, 2_500_000_000, 30_000_000}, true},
		{"tinker", "Qwen/Qwen3-8B", Price{195_000_000, 600_000_000, 39_000_000}, true},
		{"openai", "gpt-4.1-mini-audio", Price{}, false},
		{"openrouter", "gpt-4.1-mini", Price{}, false},
	} {
		if got, ok := Listed(tt.provider, tt.model); ok != tt.ok || got != tt.want {
			t.Errorf("%s %s: got %+v, %v, want %+v", tt.provider, tt.model, got, ok, tt.want)
		}
	}
}

// TestTheTable reads every row as strictly as a person would have to.
func TestTheTable(t *testing.T) {
	usd := regexp.MustCompile(`^\d+\.\d+$`)
	seen := map[string]bool{}
	for line := range strings.Lines(tableText) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, ",")
		if len(f) != 7 {
			t.Fatalf("%q has %d fields, want 7", line, len(f))
		}
		if !strings.Contains(tableText, "\n#   "+f[6]+" ") {
			t.Errorf("%q: nothing above says what the source %q is", line, f[6])
		}
		if cached, prompt := nano(f[3]), nano(f[2]); cached > prompt {
			t.Errorf("%q: cached tokens cost more than others", line)
		}
		if _, known := provider.Of(f[0]); !known || seen[f[0]+f[1]] {
			t.Errorf("%q: an unknown provider, or a model for the second time", line)
		}
		seen[f[0]+f[1]] = true
		for _, amount := range f[2:5] {
			if !usd.MatchString(amount) || nano(amount) <= 0 {
				t.Errorf("%q: %q is no price", line, amount)
			}
		}
		if _, err := time.Parse(time.DateOnly, f[5]); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
	if len(seen) == 0 {
		t.Error("the table is empty")
	}
}
