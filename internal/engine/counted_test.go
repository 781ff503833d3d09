package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A counted model keeps book of what it answers, by what was asked and by the
// key that came with it. It knows nothing of how keys are made.
type counted struct {
	mu       sync.Mutex
	mood     mood
	answers  []string          // in its present mood
	after    func(answers int) // called after each answer
	keys     map[string]string // Idempotency-Key → what was asked
	complain []string          // of what must never happen
}

// A mood is how a model treats a whole build.
type mood string

const (
	helpful  mood = "helpful"
	locked   mood = "locked"   // 401 to everybody
	troubled mood = "troubled" // 500 to what says "lost"

	interrupting mood = "interrupting" // helpful, but somebody stops the build
)

func newCounted() *counted { return &counted{keys: map[string]string{}} }

// in puts the model into a mood.
func (c *counted) in(m mood, after func(int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mood, c.answers, c.after = m, nil, after
}

// taken is what was answered in the present mood.
func (c *counted) taken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.answers)
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what, err := asked(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case c.mood == locked:
		http.Error(w, `{"error":{"message":"no such key"}}`, http.StatusUnauthorized)
	case c.mood == troubled && strings.Contains(what, "lost"):
		http.Error(w, `{"error":{"message":"out of order"}}`, http.StatusInternalServerError)
	case strings.Contains(what, "refuse"):
		http.Error(w, `{"error":{"message":"not that"}}`, http.StatusBadRequest)
	default:
		c.answer(w, r.Header.Get("Idempotency-Key"), what)
	}
}

func (c *counted) answer(w http.ResponseWriter, key, what string) {
	if before, again := c.keys[key]; again && before == what {
		c.complain = append(c.complain, "asked again: "+what)
	} else if again {
		c.complain = append(c.complain, "one key for "+before+" and "+what)
	}
	c.keys[key] = what
	c.answers = append(c.answers, what)
	if c.after != nil {
		c.after(len(c.answers))
	}
	fmt.Fprintf(w, `{"model":"x","choices":[{"message":{"content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}`, answerTo(what))
}

// asked is what a body asks for.
func asked(body io.Reader) (string, error) {
	var b struct {
		Model       string
		Temperature *float64
		Messages    []struct{ Role, Content string }
	}
	if err := json.NewDecoder(body).Decode(&b); err != nil {
		return "", err
	}
	system, said := "", []string(nil)
	for _, m := range b.Messages {
		if m.Role == "system" {
			system = m.Content
		} else {
			said = append(said, m.Content)
		}
	}
	return request(b.Model, b.Temperature, system, said...), nil
}

// request is all that decides an answer, in words.
func request(model string, temperature *float64, system string, said ...string) string {
	heat := "its own temperature"
	if temperature != nil {
		heat = fmt.Sprint(*temperature)
	}
	return fmt.Sprintf("%s at %s as %q: %q", model, heat, system, said)
}

// answerTo is the one answer to a request.
func answerTo(what string) string {
	sum := sha256.Sum256([]byte(what))
	return "answer " + hex.EncodeToString(sum[:5])
}
