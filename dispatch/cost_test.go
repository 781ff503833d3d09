package dispatch

import (
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/price"
)

// TestWhatAnAnswerCosts asks over HTTP: 11 prompt tokens, 5 of them cached, and 7 for the answer.
func TestWhatAnAnswerCosts(t *testing.T) {
	own := &price.Price{Prompt: 1_000_000_000, Completion: 2_000_000_000, CachedPrompt: 500_000_000}
	billed := completion("Hi")
	unbilled := strings.Replace(billed, `,"cost":0.00012345`, "", 1)
	uncounted := billed[:strings.Index(billed, `,"usage"`)] + "}"
	tests := []struct {
		name, provider, id, reply string
		price                     *price.Price
		nano                      int64
		known                     bool
	}{
		{"the project's price counts first", "openrouter", "org/m", billed, own, 6*1000 + 5*500 + 7*2000, true},
		{"then the reply's cost", "openai", "gpt-4.1", billed, nil, 123_450, true},
		{"then the table's price", "openai", "gpt-4.1", unbilled, nil, 6*2000 + 5*500 + 7*8000, true},
		{"trained weights cost what their base does", "tinker", "Qwen/Qwen3-8B::qwen3::tinker://run/weights/1", unbilled, nil, 6*195 + 5*39 + 7*600, true},
		{"else it is unknown", "openrouter", "org/m", unbilled, nil, 0, false},
		{"a price needs counts", "openrouter", "org/m", uncounted, own, 0, false},
		{"a price of nothing does not", "openrouter", "org/m", uncounted, &price.Price{}, 0, true},
		{"nobody bills the simulated model", "sim", "m", unbilled, nil, 0, true},
	}
	for _, tt := range tests {
		m := serve(t, replyWith(200, tt.reply))
		m.Provider, m.ID, m.Price = tt.provider, tt.id, tt.price
		got, err := ask(open(t, nil), m, "Hi")
		if err != nil {
			t.Fatal(err)
		}
		if got.Entry.CostNano != tt.nano || got.Entry.CostKnown != tt.known {
			t.Errorf("%s: got %d, %v, want %d, %v", tt.name, got.Entry.CostNano, got.Entry.CostKnown, tt.nano, tt.known)
		}
	}
}
