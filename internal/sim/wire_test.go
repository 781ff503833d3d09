package sim

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestEqualRequestsGetEqualBytes(t *testing.T) {
	a, _ := start(t, Options{Seed: 4})
	b, _ := start(t, Options{Seed: 4})
	_, _, first, _ := a.post(`{"model":"m","messages":[{"role":"system","content":"You are Ada."},{"role":"user","content":"What is rain?"}]}`, "k")
	_, _, again, _ := b.post(`{"messages" : [{"content":"You are Ada.","role":"system"},{"role":"user","content":"What is rain?"}], "model":"m", "user":"u"}`, "k")
	if !bytes.Equal(first, again) {
		t.Errorf("got %s and %s, want equal bytes", first, again)
	}
}

func TestAnswersVaryByKeyMessageModelAndSeed(t *testing.T) {
	const ask = `{"model":"m","messages":[{"role":"user","content":"What is the use of old maps and letters?"}]}`
	seen := map[string]bool{}
	for _, tc := range []struct {
		seed      uint64
		body, key string
	}{
		{0, ask, ""},
		{0, ask, "a"},
		{0, ask, "b"},
		{1, ask, "a"},
		{0, strings.Replace(ask, `"m"`, `"n"`, 1), "a"},
		{0, strings.Replace(ask, `[{`, `[{"role":"system","content":"Be kind."},{`, 1), "a"},
		{0, strings.Replace(ask, "old", "new", 1), "a"},
	} {
		c, _ := start(t, Options{Seed: tc.seed})
		_, _, got, err := c.post(tc.body, tc.key)
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(string(got), `"content":`)
		seen[text] = true
	}
	if len(seen) != 7 {
		t.Errorf("got %d different answers to 7 different requests", len(seen))
	}
}

func TestAReplySaysWhoAnswered(t *testing.T) {
	c, _ := start(t, Options{})
	got := c.ask("", "What is rain?", "k")
	if got.Model != "sim/small" || got.Fingerprint == "" || got.Object != "chat.completion" {
		t.Errorf("got model %q, fingerprint %q, object %q", got.Model, got.Fingerprint, got.Object)
	}
	if got.Usage.Prompt == 0 || got.Usage.Completion != tokens(len(got.Choices[0].Message.Content)) || got.Choices[0].Finish != "stop" {
		t.Errorf("got usage %+v and finish %q", *got.Usage, got.Choices[0].Finish)
	}
}

func TestMaxTokensCutsAnAnswer(t *testing.T) {
	c, _ := start(t, Options{})
	body := `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Où est la forêt près de l'été?"}]}`
	_, _, got, _ := c.post(body, "k")
	if s := string(got); !strings.Contains(s, `"finish_reason":"length"`) || !strings.Contains(s, `"completion_tokens":5`) {
		t.Errorf("got %s, want 5 tokens and finish reason length", s)
	}
	_, _, whole, _ := c.post(strings.Replace(body, "5", "500", 1), "k")
	if s := string(whole); !strings.Contains(s, `"finish_reason":"stop"`) {
		t.Errorf("got %s, want an answer that fits 500 tokens", s)
	}
}

func TestSeveralChoices(t *testing.T) {
	c, _ := start(t, Options{})
	_, _, got, _ := c.post(`{"model":"m","n":3,"messages":[{"role":"user","content":"What is rain?"}]}`, "k")
	if n := strings.Count(string(got), `"role":"assistant"`); n != 3 {
		t.Errorf("got %d choices in %s, want 3", n, got)
	}
}

func TestContentInParts(t *testing.T) {
	c, _ := start(t, Options{})
	_, _, got, _ := c.post(`{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Who are"},{"type":"text","text":"you?"}]}]}`, "k")
	if !strings.Contains(string(got), "simulated model") {
		t.Errorf("got %s, want an answer to the joined parts", got)
	}
}

func TestAStreamHoldsTheSameAnswer(t *testing.T) {
	c, _ := start(t, Options{})
	body := `{"model":"m","messages":[{"role":"user","content":"What is rain?"}]}`
	_, _, whole, _ := c.post(body, "k")
	_, header, got, _ := c.post(strings.Replace(body, "{", `{"stream":true,`, 1), "k")
	if ct := header.Get("Content-Type"); ct != "text/event-stream" {
		t.Errorf("got content type %q", ct)
	}
	var text strings.Builder
	for _, line := range strings.Split(string(got), "\n") {
		_, rest, _ := strings.Cut(line, `"content":"`)
		piece, _, _ := strings.Cut(rest, `"}`)
		text.WriteString(piece)
	}
	if !strings.Contains(string(whole), text.String()) || text.Len() < 20 || !strings.HasSuffix(string(got), "data: [DONE]\n\n") {
		t.Errorf("got stream %s\nwant the pieces of %s", got, whole)
	}
	_, _, counted, _ := c.post(strings.Replace(body, "{", `{"stream":true,"stream_options":{"include_usage":true},`, 1), "k")
	if strings.Contains(string(got), `"usage"`) || !strings.Contains(string(counted), `"choices":[],"usage":{"prompt_tokens":`) {
		t.Errorf("the usage has to come exactly where it is asked for, got\n%s\nand, asked,\n%s", got, counted)
	}
}

func TestWhatCannotBeAnsweredIsRefusedInASentence(t *testing.T) {
	c, _ := start(t, Options{})
	for _, tc := range []struct{ body, want string }{
		{``, "not a JSON object"},
		{`[]`, "not a JSON object"},
		{`{"model":"m"`, "not a JSON object"},
		{`{"model":"m"} x`, "not a JSON object"},
		{`{"messages":[{"role":"user","content":"a"}]}`, `names no \"model\"`},
		{`{"model":"m","messages":[]}`, `has no \"messages\"`},
		{`{"model":"m","messages":"hello"}`, `the value of \"messages\" cannot be read`},
		{`{"model":"m","max_tokens":-1}`, `the value of \"max_tokens\" cannot be read`},
		{`{"model":"m","messages":[{"role":"user","content":7}]}`, `the value of \"messages\" cannot be read`},
	} {
		status, _, got, err := c.post(tc.body, "")
		if status != http.StatusBadRequest || !strings.Contains(string(got), tc.want) {
			t.Errorf("%s got %d %s (%v), want 400 and %q", tc.body, status, got, err, tc.want)
		}
	}
}

func TestPathsWithoutVersionAndModels(t *testing.T) {
	c, _ := start(t, Options{})
	for _, tc := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/chat/completions", 200},
		{"GET", "/v1/models", 200},
		{"GET", "/models", 200},
		{"GET", "/stats", 200},
		{"POST", "/stats/reset", 204},
		{"GET", "/nowhere", 404},
		{"GET", "/v1/chat/completions", 404},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), tc.method, c.url+tc.path, strings.NewReader(conversation("", "What is rain?")))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.want {
			t.Errorf("%s %s got %d, want %d", tc.method, tc.path, resp.StatusCode, tc.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(conversation("You are Ada.", "Are you \"<paragraph>\" ? \\ \u2028")))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"text":"a"}]}],"n":2,"x":[{},[],-1e5]}`))
	f.Add([]byte(`{"model":"m","messages":[{"content":"<fact></fact><paragraph>i</paragraph>"}]}`))
	m := newMind(Options{Reword: true})
	f.Fuzz(func(t *testing.T, body []byte) {
		r, wrong := parse(body)
		if wrong == "" {
			r.n = min(r.n, 2)
			m.complete(r, "k")
		}
	})
}
