package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A client asks a server over real HTTP.
type client struct {
	t   *testing.T
	url string
	*http.Client
}

// start serves o until the test ends.
func start(t *testing.T, o Options) (*client, *Server) {
	t.Helper()
	s := New(o)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return &client{t, srv.URL, srv.Client()}, s
}

// post sends body and returns the status, header and body of the answer.
func (c *client) post(body, key string) (int, http.Header, []byte, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), "POST", c.url+"/v1/chat/completions", bytes.NewReader([]byte(body)))
	if err != nil {
		c.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, out, err
}

// ask sends a conversation and returns the decoded answer.
func (c *client) ask(system, user, key string) completion {
	c.t.Helper()
	status, _, body, err := c.post(conversation(system, user), key)
	if err != nil || status != http.StatusOK {
		c.t.Fatalf("got %d %s (%v), want 200", status, body, err)
	}
	var out completion
	if err := json.Unmarshal(body, &out); err != nil {
		c.t.Fatalf("got %s, want JSON: %v", body, err)
	}
	return out
}

// text is the answer's only message.
func (c *client) text(system, user, key string) string {
	c.t.Helper()
	return c.ask(system, user, key).Choices[0].Message.Content
}

func conversation(system, user string) string {
	var msgs []map[string]string
	if system != "" {
		msgs = append(msgs, map[string]string{"role": "system", "content": system})
	}
	msgs = append(msgs, map[string]string{"role": "user", "content": user})
	body, err := json.Marshal(map[string]any{"model": "small", "messages": msgs, "temperature": 0.7})
	if err != nil {
		panic(err)
	}
	return string(body)
}
