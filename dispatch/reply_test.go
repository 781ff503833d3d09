package dispatch

import (
	"errors"
	"testing"

	"github.com/identity-shaping/isf/cache"
)

// choice wraps a message in a reply.
func choice(message, finish string) string {
	return `{"choices":[{"message":` + message + `,"finish_reason":` + finish + `}]}`
}

func TestOddRepliesThatAreAnswers(t *testing.T) {
	tests := []struct{ name, body, text, reasoning, finish string }{
		{"a string", choice(`{"content":"Hi"}`, `"stop"`), "Hi", "", "stop"},
		{"its own think tags", choice(`{"content":"<think>a</think>b","reasoning":"a"}`, `"stop"`), "<think>a</think>b", "a", "stop"},
		{"reasoning", choice(`{"content":"b","reasoning":"a"}`, `"stop"`), "<think>a</think>\nb", "a", "stop"},
		{"reasoning_content", choice(`{"content":"b","reasoning_content":"a"}`, `"stop"`), "<think>a</think>\nb", "a", "stop"},
		{"reasoning, null content", choice(`{"content":null,"reasoning":"a"}`, `"length"`), "<think>a</think>\n", "a", "length"},
		{"reasoning that is an object", choice(`{"content":"b","reasoning":{"x":1}}`, `"stop"`), "b", "", "stop"},
		{"text parts", choice(`{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, `"stop"`), "ab", "", "stop"},
		{"thinking part", choice(`{"content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"b"}]}`, `"stop"`), "<think>a</think>\nb", "a", "stop"},
		{"nested thinking", choice(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]},{"type":"text","text":"b"}]}`, `"stop"`), "<think>a</think>\nb", "a", "stop"},
		{"empty, but finished", choice(`{"content":""}`, `"stop"`), "", "", "stop"},
		{"content filter", choice(`{"content":null}`, `"content_filter"`), "", "", "content_filter"},
		{"refusal", choice(`{"content":null,"refusal":"No."}`, `"stop"`), "No.", "", "stop"},
		{"truncated", choice(`{"content":"Hi the"}`, `"length"`), "Hi the", "", "length"},
		{"tool calls", choice(`{"content":null,"tool_calls":[{"id":"c"}]}`, `null`), "", "", ""},
		{"no finish reason", choice(`{"content":"Hi"}`, `null`), "Hi", "", ""},
		{"null error", `{"error":null,"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}`, "Hi", "", "stop"},
		{"usage without sense", `{"usage":{"prompt_tokens":"many"},"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}`, "Hi", "", "stop"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, nil)
			got, err := ask(f, serve(t, replyWith(200, tt.body)), "Hi")
			if err != nil {
				t.Fatal(err)
			}
			e := got.Entry
			if e.Text != tt.text || e.Reasoning != tt.reasoning || e.Finish != tt.finish || string(e.Raw) != tt.body {
				t.Errorf("got text %q, reasoning %q, finish %q\nwant text %q, reasoning %q, finish %q", e.Text, e.Reasoning, e.Finish, tt.text, tt.reasoning, tt.finish)
			}
			if e.Usage.Known || e.CostKnown {
				t.Errorf("usage %+v and cost are known, want unknown", e.Usage)
			}
		})
	}
}

// What replies count, in the names of those who count, whole and streamed.
func TestWhatRepliesCount(t *testing.T) {
	tests := []struct {
		name, usage string
		want        cache.Usage
		nano        int64
		billed      bool
	}{
		{"OpenAI", `{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":3,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2}}`, cache.Usage{Known: true, Prompt: 9, Completion: 4, CachedPrompt: 3, Reasoning: 2}, 0, false},
		{"OpenRouter", `{"prompt_tokens":9,"completion_tokens":4,"cost":0.000123,"cost_details":{"upstream_inference_cost":null}}`, cache.Usage{Known: true, Prompt: 9, Completion: 4}, 123_000, true},
		{"OpenRouter, free", `{"prompt_tokens":9,"completion_tokens":4,"cost":0}`, cache.Usage{Known: true, Prompt: 9, Completion: 4}, 0, true},
		{"DeepSeek", `{"prompt_tokens":9,"completion_tokens":4,"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":6}`, cache.Usage{Known: true, Prompt: 9, Completion: 4, CachedPrompt: 3}, 0, false},
		{"Moonshot", `{"prompt_tokens":9,"completion_tokens":4,"cached_tokens":3}`, cache.Usage{Known: true, Prompt: 9, Completion: 4, CachedPrompt: 3}, 0, false},
		{"nulls", `{"prompt_tokens":9,"completion_tokens":null,"prompt_tokens_details":null,"cost":null}`, cache.Usage{Known: true, Prompt: 9}, 0, false},
		{"nothing", `null`, cache.Usage{}, 0, false},
		{"a cost that is no amount", `{"prompt_tokens":9,"completion_tokens":4,"cost":-1}`, cache.Usage{Known: true, Prompt: 9, Completion: 4}, 0, false},
	}
	for _, tt := range tests {
		whole := serve(t, replyWith(200, `{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":`+tt.usage+`}`))
		streamed := serve(t, events(delta(`{"content":"Hi"}`, `"stop"`), `data: {"choices":[],"usage":`+tt.usage+`}`, done))
		streamed.Stream = true
		for _, m := range []*Model{whole, streamed} {
			got, err := ask(open(t, nil), m, "Hi")
			if err != nil {
				t.Fatal(err)
			}
			if e := got.Entry; e.Usage != tt.want || e.CostKnown != tt.billed || e.CostNano != tt.nano {
				t.Errorf("%s, streamed %v: got %+v, %d (%v), want %+v, %d (%v)", tt.name, m.Stream, e.Usage, e.CostNano, e.CostKnown, tt.want, tt.nano, tt.billed)
			}
		}
	}
}

func TestRepliesThatAreNoAnswers(t *testing.T) {
	tests := []struct {
		name, body, kind string
		status           int
		tries            int
	}{
		{"no choices", `{"choices":[]}`, "no_choices", 200, 3},
		{"an empty object", `{}`, "no_choices", 200, 3},
		{"null", `null`, "no_choices", 200, 3},
		{"no body", ``, "bad_reply", 200, 3},
		{"half a reply", completion("Hi")[:60], "bad_reply", 200, 3},
		{"empty without a finish reason", choice(`{"content":""}`, `null`), "empty_reply", 200, 3},
		{"error body", `{"error":{"message":"upstream died","code":502}}`, "server_error", 502, 3},
		{"error body with a string code", `{"error":{"message":"slow down","code":"429"}}`, "rate_limited", 429, 3},
		{"error body without a code", `{"error":{"message":"oops"}}`, "server_error", 200, 3},
		{"error body that is a string", `{"error":"oops"}`, "server_error", 200, 3},
		{"error body for a bad request", `{"error":{"message":"too long","code":400}}`, "bad_request", 400, 1},
		{"error in the choice", `{"choices":[{"error":{"message":"upstream died","code":502},"message":{"content":"Hal"},"finish_reason":"error"}]}`, "server_error", 502, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, func(o *Options) { o.MaxTries = 3 })
			_, err := ask(f, serve(t, replyWith(200, tt.body)), "Hi")
			var failed *Failed
			if !errors.As(err, &failed) {
				t.Fatalf("got error %v, want a Failed", err)
			}
			if failed.Type != tt.kind || failed.Status != tt.status || failed.Tries != tt.tries || failed.Transport != (tt.tries > 1) {
				t.Errorf("got %+v, want type %s, status %d, tries %d", failed, tt.kind, tt.status, tt.tries)
			}
			if n := count(t, f.store); n != 0 {
				t.Errorf("%d entries were stored, want none", n)
			}
		})
	}
}

func count(t *testing.T, s *cache.Store) (n int) {
	t.Helper()
	if err := s.All(func(*cache.Entry) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCostIsExact(t *testing.T) {
	tests := []struct {
		usd  string
		want int64
		ok   bool
	}{
		{"0", 0, true},
		{"0.1", 100_000_000, true},
		{"1.23e-5", 12_300, true},
		{"0.0000000005", 1, true},
		{"1e-300000", 0, true},
		{"", 0, false},
		{"-1", 0, false},
		{"1e300000", 0, false},
		{"NaN", 0, false},
	}
	for _, tt := range tests {
		if got, ok := nanoUSD(tt.usd); got != tt.want || ok != tt.ok {
			t.Errorf("nanoUSD(%q) = %d, %v, want %d, %v", tt.usd, got, ok, tt.want, tt.ok)
		}
	}
}
