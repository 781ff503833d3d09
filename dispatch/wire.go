package dispatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// maxReply is more than any answer needs; what is longer is not one.
const maxReply = 64 << 20

var errTooLong = fmt.Errorf("the reply is longer than %d MiB", maxReply>>20)

// A call is one try: what goes out, and what came back.
type call struct {
	key     string // for Idempotency-Key
	body    *body
	connect time.Duration           // that a connection may take to be made
	idle    time.Duration           // that nothing may come in the midst of a stream
	quiet   context.CancelCauseFunc // ends the try; the cause says why
	status  int
	header  http.Header
	raw     []byte // the whole reply, without secrets
}

// A client sends what go-openai would: it makes the URL and the authentication, once, and the error types.
// The body is not its own: its structs drop what they do not know, and a temperature of 0.
type client struct {
	api     *openai.Client
	request *http.Request     // of every try, but for its key and body
	err     error             // why there is none
	wire    http.RoundTripper // not an http.Client: redirects are not followed, a key would go along
	secrets []string
}

func newClient(e endpoint, model string, wire http.RoundTripper) *client {
	cl := &client{wire: wire, secrets: e.secrets()}
	headers := e.headers
	config := openai.DefaultConfig(e.key)
	if e.azure {
		config, headers = azure(e, model)
	}
	config.BaseURL = e.base
	config.HTTPClient = seam{}
	cl.api = openai.NewClientWithConfig(config)
	if cl.request, cl.err = caught(cl.api); cl.err == nil {
		dress(cl.request, headers)
	}
	return cl
}

// url is where it asks, without what follows a question mark.
func (cl *client) url() string {
	u := *cl.request.URL
	u.RawQuery = ""
	return u.String()
}

func dress(req *http.Request, headers map[string]string) {
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", "isf")
}

// send makes the try. Its error is go-openai's, a networkError, or nil; c.raw is there in every case but the second.
func (cl *client) send(ctx context.Context, c *call) error {
	if cl.err != nil {
		return cl.err
	}
	req := cl.request.WithContext(c.body.watched(withConnectTimeout(ctx, &c.connect)))
	req.Header = maps.Clone(cl.request.Header)
	req.Header["Idempotency-Key"] = []string{c.key}
	var err error
	if req.Body, err = c.body.reader(); err != nil {
		return err
	}
	req.ContentLength, req.GetBody = c.body.size, c.body.reader
	res, err := cl.wire.RoundTrip(req)
	if err != nil {
		return &networkError{err}
	}
	raw, err := c.read(res)
	res.Body.Close()
	if err != nil {
		return &networkError{err}
	}
	c.status, c.header, c.raw = res.StatusCode, res.Header, redact(raw, cl.secrets)
	if c.status < http.StatusBadRequest {
		return nil
	}
	res.Body = io.NopCloser(bytes.NewReader(c.raw))
	return errorOf(cl.api, res)
}

// networkError is trouble between us and the server's whole answer.
type networkError struct{ err error }

func (n *networkError) Error() string { return n.err.Error() }
func (n *networkError) Unwrap() error { return n.err }

// seam is the HTTP client that go-openai is given: it answers with the reply that travels in the context,
// because go-openai knows nothing of it, and keeps the request.
type seam struct{}

type exchange struct {
	request *http.Request
	reply   *http.Response
}

type exchangeKey struct{}

var errCaught = errors.New("a request that is not to be sent")

func (seam) Do(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errors.New("a request that is not the dispatcher's")
	}
	if x.request = req; x.reply == nil {
		return nil, errCaught
	}
	return x.reply, nil
}

// caught is the request that go-openai would send.
func caught(api *openai.Client) (*http.Request, error) {
	x := &exchange{}
	_, err := api.CreateChatCompletion(context.WithValue(context.Background(), exchangeKey{}, x), openai.ChatCompletionRequest{})
	if !errors.Is(err, errCaught) {
		return nil, err
	}
	return x.request, nil
}

// errorOf is what go-openai makes of a reply with an error status.
func errorOf(api *openai.Client, res *http.Response) error {
	x := &exchange{reply: res}
	_, err := api.CreateChatCompletion(context.WithValue(context.Background(), exchangeKey{}, x), openai.ChatCompletionRequest{})
	return err
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
	if n := errorReply(c.raw); n != nil {
		return n.reason
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
