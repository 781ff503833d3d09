package dispatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// maxReply is more than any answer needs; what is longer is not one.
const maxReply = 64 << 20

var errTooLong = fmt.Errorf("the reply is longer than %d MiB", maxReply>>20)

// A call is one try: what goes out, and what came back. It travels to the wire in a context,
// because go-openai knows nothing of it.
type call struct {
	key    string // for Idempotency-Key
	body   pieces
	idle   time.Duration           // that nothing may come in the midst of a stream
	quiet  context.CancelCauseFunc // ends the try; the cause says why
	status int
	header http.Header
	raw    []byte // the whole reply, without secrets
}

type callKey struct{}

// A client is go-openai at one endpoint. It makes the URL, the authentication and the error types.
// The body is not its own: its structs drop what they do not know, and a temperature of 0.
type client struct {
	api     *openai.Client
	secrets []string
}

func newClient(e endpoint, model string, wire http.RoundTripper) *client {
	c := &client{secrets: e.secrets()}
	headers := e.headers
	config := openai.DefaultConfig(e.key)
	if e.azure {
		config, headers = azure(e, model)
	}
	config.BaseURL = e.base
	config.HTTPClient = &seam{wire: wire, headers: headers, secrets: c.secrets}
	c.api = openai.NewClientWithConfig(config)
	return c
}

// send makes the try. Its error is go-openai's, a networkError, or nil; c.raw is there in every case but the second.
func (cl *client) send(ctx context.Context, c *call) error {
	_, err := cl.api.CreateChatCompletion(context.WithValue(ctx, callKey{}, c), openai.ChatCompletionRequest{})
	return err
}

// seam is the HTTP client that go-openai is given.
type seam struct {
	wire    http.RoundTripper // not an http.Client: redirects are not followed, a key would go along
	headers map[string]string
	secrets []string
}

// networkError is trouble between us and the server's whole answer.
type networkError struct{ err error }

func (n *networkError) Error() string { return n.err.Error() }
func (n *networkError) Unwrap() error { return n.err }

// Do puts our body under go-openai's request, and keeps the reply. What go-openai gets to see is an
// empty success, so that it does not decode the reply again; or the error, whose types are its own.
func (s *seam) Do(req *http.Request) (*http.Response, error) {
	c, ok := req.Context().Value(callKey{}).(*call)
	if !ok {
		return nil, errors.New("a request that is not the dispatcher's")
	}
	s.dress(req, c)
	res, err := s.wire.RoundTrip(req)
	if err != nil {
		return nil, &networkError{err}
	}
	raw, err := c.read(res)
	res.Body.Close()
	if err != nil {
		return nil, &networkError{err}
	}
	c.status, c.header, c.raw = res.StatusCode, res.Header, redact(raw, s.secrets)
	shown := c.raw
	if res.StatusCode < http.StatusBadRequest {
		shown = []byte("{}")
	}
	res.Body = io.NopCloser(bytes.NewReader(shown))
	return res, nil
}

func (s *seam) dress(req *http.Request, c *call) {
	req.Body = c.body.reader()
	req.GetBody = func() (io.ReadCloser, error) { return c.body.reader(), nil }
	req.ContentLength = c.body.size()
	for name, value := range s.headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Idempotency-Key", c.key)
	req.Header.Set("User-Agent", "isf")
}

// read reads a reply, streamed or whole.
func (c *call) read(res *http.Response) ([]byte, error) {
	if isStream(res) {
		return readStream(res.Body, c.idle, c.quiet)
	}
	return readAll(res)
}

// readAll reads a reply in one piece where its length is known. Less than was announced is an error.
func readAll(res *http.Response) ([]byte, error) {
	if res.ContentLength > maxReply {
		return nil, errTooLong
	}
	if res.ContentLength > 0 {
		raw := make([]byte, res.ContentLength)
		_, err := io.ReadFull(res.Body, raw)
		return raw, err
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	if len(raw) > maxReply {
		return nil, errTooLong
	}
	return raw, err
}

// reason is what an error reply says about itself: its message, its type and its code.
type reason struct{ message, kind, code string }

// reasonOf reads go-openai's error types, and the replies that they cannot hold.
func reasonOf(err error, c *call) reason {
	var api *openai.APIError
	if errors.As(err, &api) && api.Message != "" {
		return reason{api.Message, api.Type, codeOf(api.Code)}
	}
	return reason{message: excerpt(c.raw)}
}

func codeOf(code any) string {
	switch code := code.(type) {
	case string:
		return code
	case int:
		return strconv.Itoa(code)
	}
	return ""
}

// excerpt is the beginning of a reply that is not what it should be, on one line.
func excerpt(raw []byte) string {
	const most = 300
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(raw[:min(len(raw), 4*most)]), "")), " ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}
