package dispatch

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/identity-shaping/isf/cache"
)

// events answers with a stream: each string is one line, and an event of its own.
func events(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for _, line := range lines {
			_, _ = io.WriteString(w, line+"\n\n")
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// delta is a chunk with one choice.
func delta(delta, finish string) string {
	return `data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"org/m-2","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}],"usage":null}`
}

const done = "data: [DONE]"

func TestStreamsThatAreAnswers(t *testing.T) {
	usage := `data: {"id":"c1","model":"org/m-2","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2},"cost":0.000123}}`
	tests := []struct {
		name                    string
		lines                   []string
		text, reasoning, finish string
		counted                 bool
	}{
		{"OpenAI", []string{delta(`{"role":"assistant","content":"","refusal":null}`, `null`), delta(`{"content":"Hel"}`, `null`), delta(`{"content":"lo"}`, `null`), delta(`{}`, `"stop"`), usage, done}, "Hello", "", "stop", true},
		{"OpenRouter, with comments and a role in every chunk", []string{": OPENROUTER PROCESSING", ": OPENROUTER PROCESSING", delta(`{"role":"assistant","content":"","reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]}`, `null`), delta(`{"role":"assistant","content":"","reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","index":0}]}`, `null`), ": OPENROUTER PROCESSING", delta(`{"role":"assistant","content":"c"}`, `null`), delta(`{"role":"assistant","content":""}`, `"stop"`), usage, done}, "<think>ab</think>\nc", "ab", "stop", true},
		{"DeepSeek", []string{delta(`{"role":"assistant","content":null,"reasoning_content":""}`, `null`), delta(`{"content":null,"reasoning_content":"a"}`, `null`), delta(`{"content":"b","reasoning_content":null}`, `null`), delta(`{"content":"","reasoning_content":null}`, `"stop"`), done}, "<think>a</think>\nb", "a", "stop", false},
		{"Mistral: parts of thinking, then plain text", []string{delta(`{"role":"assistant","content":""}`, `null`), delta(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]}]}`, `null`), delta(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"b"}]}]}`, `null`), delta(`{"content":"c"}`, `null`), delta(`{"content":"d"}`, `"stop"`), done}, "<think>ab</think>\ncd", "ab", "stop", false},
		{"Moonshot: the usage in the choice", []string{delta(`{"content":"Hi"}`, `null`), `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":9,"completion_tokens":4,"cached_tokens":3,"cost":0.000123,"completion_tokens_details":{"reasoning_tokens":2}}}]}`, done}, "Hi", "", "stop", true},
		{"its own think tags, cut anywhere", []string{delta(`{"content":"<th"}`, `null`), delta(`{"content":"ink>a</thi"}`, `null`), delta(`{"content":"nk>b"}`, `"stop"`), done}, "<think>a</think>b", "", "stop", false},
		{"truncated", []string{delta(`{"content":"Hi the"}`, `"length"`), done}, "Hi the", "", "length", false},
		{"content filter", []string{delta(`{"content":""}`, `"content_filter"`), done}, "", "", "content_filter", false},
		{"a refusal", []string{delta(`{"refusal":"N"}`, `null`), delta(`{"refusal":"o."}`, `"stop"`), done}, "No.", "", "stop", false},
		{"empty, but finished", []string{delta(`{"content":""}`, `null`), delta(`{}`, `"stop"`), done}, "", "", "stop", false},
		{"no [DONE] behind the finish reason", []string{delta(`{"content":"Hi"}`, `"stop"`)}, "Hi", "", "stop", false},
		{"no finish reason before [DONE]", []string{delta(`{"content":"Hi"}`, `null`), done}, "Hi", "", "", false},
		{"escapes and wide characters", []string{delta(`{"content":"\"\u00e9\n"}`, `null`), delta(`{"content":"🜛\u2028"}`, `"stop"`), done}, "\"é\n🜛\u2028", "", "stop", false},
		{"names of events, and data over two lines", []string{"event: message\nid: 4\nretry: 10\ndata: {\"choices\":[{\"delta\":\ndata: {\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}", done}, "Hi", "", "stop", false},
		{"lines that end as in the days of teletypes", []string{strings.ReplaceAll(delta(`{"content":"Hi"}`, `"stop"`)+"\n\n"+done, "\n", "\r\n")}, "Hi", "", "stop", false},
		{"a second choice", []string{delta(`{"content":"a"}`, `"stop"`), `data: {"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"stop"}]}`, done}, "a", "", "stop", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, nil)
			m := serve(t, events(tt.lines...))
			m.Stream = true
			got, err := ask(f, m, "Hi")
			if err != nil {
				t.Fatal(err)
			}
			e := got.Entry
			if e.Text != tt.text || e.Reasoning != tt.reasoning || e.Finish != tt.finish {
				t.Errorf("got text %q, reasoning %q, finish %q\nwant text %q, reasoning %q, finish %q\nraw %s", e.Text, e.Reasoning, e.Finish, tt.text, tt.reasoning, tt.finish, e.Raw)
			}
			want := cache.Usage{}
			if tt.counted {
				want = cache.Usage{Known: true, Prompt: 9, Completion: 4, CachedPrompt: 3, Reasoning: 2}
			}
			if e.Usage != want || e.CostKnown != tt.counted || (tt.counted && e.CostNano != 123_000) {
				t.Errorf("got usage %+v, cost %d", e.Usage, e.CostNano)
			}
			if !json.Valid(e.Raw) || !strings.Contains(string(e.Raw), `"chat.completion"`) {
				t.Errorf("what is kept is no chat completion: %s", e.Raw)
			}
		})
	}
}

// A reply is the same whether it came whole or in pieces: every odd reply is sent again, a rune at a time.
func TestAStreamedReplyIsTheReply(t *testing.T) {
	for _, message := range []string{
		`{"role":"assistant","content":"Hi"}`, `{"content":"b","reasoning":"a"}`, `{"content":"<think>a</think>b","reasoning":"a"}`, `{"content":"b","reasoning_content":"a"}`,
		`{"content":null,"reasoning":"a"}`, `{"content":""}`, `{"content":"\"q\" \\ \u0000 é 🜛"}`, `{"content":null,"refusal":"No."}`,
		`{"content":null,"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"index":1,"id":"d","type":"function","function":{"name":"g","arguments":"{}"}}]}`,
		`{"content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"b"}]}`,
	} {
		whole := choice(message, `"stop"`)
		var lines []string
		for _, piece := range cut(t, message) {
			lines = append(lines, delta(piece, `null`))
		}
		m := serve(t, events(append(lines, delta(`{}`, `"stop"`), done)...))
		want, err := ask(open(t, nil), serve(t, replyWith(200, whole)), "Hi")
		if err != nil {
			t.Fatal(err)
		}
		m.Stream = true
		got, err := ask(open(t, nil), m, "Hi")
		if err != nil {
			t.Fatalf("%s: %v", message, err)
		}
		w, g := want.Entry, got.Entry
		if g.Text != w.Text || g.Reasoning != w.Reasoning || g.Finish != w.Finish || g.Key() != w.Key() {
			t.Errorf("%s: got %q, %q, %q, want %q, %q, %q, and the same key", message, g.Text, g.Reasoning, g.Finish, w.Text, w.Reasoning, w.Finish)
		}
		if a, b := messageOf(t, g.Raw), messageOf(t, w.Raw); a != b {
			t.Errorf("the kept message is\n%s, want\n%s", a, b)
		}
	}
}

// cut makes deltas of a message: texts rune by rune, tool calls with their arguments rune by rune.
func cut(t *testing.T, message string) (deltas []string) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(message), &m); err != nil {
		t.Fatal(err)
	}
	add := func(v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		deltas = append(deltas, string(b))
	}
	for name, v := range m {
		text, isText := v.(string)
		calls, isCalls := v.([]any)
		switch {
		case isText && name != "role" && text != "":
			for len(text) > 0 {
				_, n := utf8.DecodeRuneInString(text)
				add(map[string]any{name: text[:n]})
				text = text[n:]
			}
		case isCalls && name == "tool_calls":
			for _, c := range calls {
				call := c.(map[string]any)
				function := call["function"].(map[string]any)
				arguments := function["arguments"].(string)
				function["arguments"] = ""
				add(map[string]any{name: []any{call}})
				for _, r := range arguments {
					add(map[string]any{name: []any{map[string]any{"index": call["index"], "id": call["id"], "type": "function", "function": map[string]any{"arguments": string(r)}}}})
				}
			}
		default:
			add(map[string]any{name: v})
		}
	}
	return deltas
}

// messageOf is the first message of a reply, with its entries sorted and without those that are null.
func messageOf(t *testing.T, raw []byte) string {
	t.Helper()
	var r struct {
		Choices []struct{ Message map[string]any }
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	for name, v := range r.Choices[0].Message {
		if v == nil {
			delete(r.Choices[0].Message, name)
		}
	}
	b, err := json.Marshal(r.Choices[0].Message)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStreamsThatAreNoAnswers(t *testing.T) {
	half := delta(`{"content":"Hal"}`, `null`)
	abort := func(lines ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { events(lines...)(w, r); panic(http.ErrAbortHandler) }
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		kind    string
		status  int
		tries   int
		says    string
	}{
		{"a stream that is cut", abort(half), "network", 0, 2, ""},
		{"a stream that ends early", events(half), "network", 0, 2, "ended before the answer"},
		{"a stream that ends within an event", events(half, `data: {"choices":[{"ind`), "bad_reply", 200, 2, "not a chat completion"},
		{"an empty stream", events(), "network", 0, 2, "ended before the answer"},
		{"nothing but comments", events(": OPENROUTER PROCESSING"), "network", 0, 2, "ended before the answer"},
		{"[DONE] and nothing else", events(done), "no_choices", 200, 2, ""},
		{"an error in the midst", events(half, `data: {"id":"c1","error":{"code":502,"message":"upstream died"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`), "server_error", 502, 2, "upstream died"},
		{"an error event", events(half, "event: error\ndata: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"), "server_error", 200, 2, "Overloaded"},
		{"an error event without an object for it", events(half, "event: error\ndata: {\"message\":\"Overloaded\"}"), "server_error", 200, 2, "Overloaded"},
		{"an error event in words", events(half, "event: error\ndata: out of memory"), "server_error", 200, 2, "out of memory"},
		{"an error line", events(half, `error: {"code":500,"message":"context shift"}`), "server_error", 500, 2, "context shift"},
		{"too many requests, told inside", events(`data: {"error":{"code":429,"message":"slow down"}}`), "rate_limited", 429, 2, "slow down"},
		{"a bad request, told inside", events(`data: {"error":{"code":400,"message":"too long"}}`), "bad_request", 400, 1, "too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, func(o *Options) { o.MaxTries = 2 })
			m := serve(t, tt.handler)
			m.Stream = true
			_, err := ask(f, m, "Hi")
			var failed *Failed
			if !errors.As(err, &failed) {
				t.Fatalf("got error %v, want a Failed", err)
			}
			if failed.Type != tt.kind || failed.Status != tt.status || failed.Tries != tt.tries || failed.Transport != (tt.tries > 1) || !strings.Contains(failed.Message, tt.says) {
				t.Errorf("got %+v, want type %s, status %d, tries %d, %q", failed, tt.kind, tt.status, tt.tries, tt.says)
			}
			if n := count(t, f.store); n != 0 {
				t.Errorf("%d entries were stored, want none", n)
			}
		})
	}
}

func TestAWholeReplyToAStreamedRequestIsAnAnswer(t *testing.T) {
	m := serve(t, replyWith(200, completion("Hi")))
	m.Stream = true
	if got, err := ask(open(t, nil), m, "Hi"); err != nil || got.Entry.Text != "Hi" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A stream is another way to the same answer: what came whole is a hit for who streams.
func TestAStreamIsNotInTheKey(t *testing.T) {
	var n atomic.Int64
	m := serve(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); replyWith(200, completion("Hi"))(w, r) })
	f := open(t, nil)
	if _, err := ask(f, m, "Hi"); err != nil {
		t.Fatal(err)
	}
	streaming := *m
	streaming.Stream = true
	if got, err := ask(f, &streaming, "Hi"); err != nil || !got.Hit || n.Load() != 1 {
		t.Errorf("got %+v, %v after %d requests, want a hit after one", got, err, n.Load())
	}
}

func TestASilentStreamIsGivenUp(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) {
		events(delta(`{"content":"Hal"}`, `null`))(w, r)
		<-r.Context().Done()
	}
	m := serve(t, hang)
	m.Stream, m.Timeouts.Idle = true, 50*time.Millisecond
	f := open(t, func(o *Options) { o.MaxTries = 2 })
	_, err := ask(f, m, "Hi")
	var failed *Failed
	if !errors.As(err, &failed) || failed.Type != "timeout" || failed.Tries != 2 || !strings.Contains(failed.Message, "fell silent") {
		t.Errorf("got %v, want a time-out that says why", err)
	}
}

// Comments and single words keep a stream alive for longer than the time that it may be silent.
func TestASlowStreamIsNotSilent(t *testing.T) {
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		lines := []string{": wait"}
		for range 30 {
			events(lines...)(w, r)
			<-tick.C
		}
		events(delta(`{"content":"Hi"}`, `"stop"`), done)(w, r)
	})
	m.Stream, m.Timeouts.Idle = true, 300*time.Millisecond
	if got, err := ask(open(t, nil), m, "Hi"); err != nil || got.Entry.Text != "Hi" || got.Tries != 1 {
		t.Errorf("got %+v, %v, want an answer at the first try", got, err)
	}
}

// A server that says [DONE] and then holds the connection costs no answer.
func TestAStreamThatIsDoneIsOver(t *testing.T) {
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		events(delta(`{"content":"Hi"}`, `"stop"`), done)(w, r)
		<-r.Context().Done()
	})
	m.Stream, m.Timeouts.Idle = true, 50*time.Millisecond
	if got, err := ask(open(t, nil), m, "Hi"); err != nil || got.Entry.Text != "Hi" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestStreamsShareAConnection(t *testing.T) {
	var remotes atomic.Pointer[string]
	var n atomic.Int64
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if old := remotes.Swap(&r.RemoteAddr); old == nil || *old != r.RemoteAddr {
			n.Add(1)
		}
		events(delta(`{"content":"Hi"}`, `"stop"`), done)(w, r)
		time.Sleep(20 * time.Millisecond) // the end of the body comes apart from its last word
	})
	m.Stream = true
	f := open(t, nil)
	for _, text := range []string{"a", "b", "c", "d"} {
		if _, err := ask(f, m, text); err != nil {
			t.Fatal(err)
		}
	}
	if n.Load() != 1 {
		t.Errorf("4 streams came over %d connections, want one", n.Load())
	}
}

// FuzzStream looks for bytes that make the reader panic, hang, or keep what is not JSON.
func FuzzStream(f *testing.F) {
	f.Add([]byte(delta(`{"content":[{"type":"text"}],"tool_calls":[{"index":0}]}`, `null`) + "\n\n" + delta(`{"content":"x","tool_calls":[{"index":0,"index":1}]}`, `"stop"`) + "\n\n" + done))
	f.Add([]byte("error: {\n\nevent: error\ndata:\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := readStream(strings.NewReader(string(b)), time.Minute, func(error) {})
		if err == nil {
			_, _ = readReply(raw)
		}
	})
}
