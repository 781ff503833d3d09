package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// get sends a request until it is answered with one of the statuses that are
// wanted. What may pass is tried again; everything else is an error that says
// what to do. what names the thing that is asked for.
func (c *Client) get(ctx context.Context, what, address string, header http.Header, wanted ...int) (*http.Response, string, error) {
	for try := 1; ; try++ {
		resp, from, err := c.send(ctx, address, header)
		if err == nil {
			for _, status := range wanted {
				if resp.StatusCode == status {
					return resp, from, nil
				}
			}
			err = c.refused(what, resp, from)
			_ = resp.Body.Close()
		}
		if ctx.Err() != nil {
			return nil, "", context.Cause(ctx)
		}
		delay, again := pause(err, try)
		if !again {
			return nil, "", c.explain(what, address, err)
		}
		if err := c.wait(ctx, delay); err != nil {
			return nil, "", err
		}
	}
}

// A busy error is an answer that may be another one later.
type busy struct {
	status int
	after  time.Duration // what the server asked for, 0 if nothing
	host   string
}

func (b *busy) Error() string {
	if b.status == http.StatusTooManyRequests {
		return b.host + " takes no more requests for now (429)"
	}
	return fmt.Sprintf("%s answers %d %s", b.host, b.status, http.StatusText(b.status))
}

// pause says how long to wait before the next try, if there should be one.
func pause(err error, try int) (time.Duration, bool) {
	if try >= maxTries || !passing(err) {
		return 0, false
	}
	delay := 500 * time.Millisecond << try
	if b, ok := errors.AsType[*busy](err); ok && b.after > 0 {
		delay = min(b.after, time.Minute)
	}
	return delay, true
}

// passing says whether an error may be gone at the next try.
func passing(err error) bool {
	if _, ok := errors.AsType[*busy](err); ok {
		return true
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errStalled)
}

var errStalled = errors.New("the answer stopped in the middle")

// explain makes a sentence of what came of all tries.
func (c *Client) explain(what, address string, err error) error {
	if !passing(err) {
		return err
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the address, which may be signed
	}
	host := address
	if u, e := url.Parse(address); e == nil {
		host = u.Host
	}
	return fmt.Errorf("%s cannot be read, %s is %w: %w; try again later, or use a file in the project", what, host, ErrUnreachable, err)
}

// refused makes an error of an answer that was not wanted.
func (c *Client) refused(what string, resp *http.Response, from string) error {
	u, err := url.Parse(from)
	if err != nil {
		return err
	}
	s := resp.StatusCode
	if s == http.StatusTooManyRequests || s == http.StatusRequestTimeout || s >= 500 {
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &busy{s, time.Duration(after) * time.Second, u.Host}
	}
	if u.Host == c.hub.Host {
		return c.hubRefused(what, resp)
	}
	switch s {
	case http.StatusUnauthorized, http.StatusForbidden:
		return &deniedError{fmt.Sprintf("%s may not be read: %s answers %d", what, u.Host, s)}
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%s does not exist: %s answers %d", what, u.Host, s)
	}
	return fmt.Errorf("%s cannot be read: %s answers %d %s", what, u.Host, s, http.StatusText(s))
}

// A deniedError is a refusal that a signed address gives once it has expired.
type deniedError struct{ text string }

func (e *deniedError) Error() string { return e.text }

// hubRefused words what the hub says in its headers.
func (c *Client) hubRefused(what string, resp *http.Response) error {
	why := strings.ToValidUTF8(resp.Header.Get("X-Error-Message"), "")
	switch code := resp.Header.Get("X-Error-Code"); {
	case code == "GatedRepo":
		return fmt.Errorf("%s is gated: accept its terms on its page on %s, and set HF_TOKEN to a token of your account", what, c.hub.Host)
	case code == "RevisionNotFound":
		return fmt.Errorf("%s: there is no such branch, tag or commit", what)
	case code == "EntryNotFound":
		return fmt.Errorf("%s: the dataset has no such file", what)
	case resp.StatusCode == http.StatusUnauthorized && c.token == "":
		return fmt.Errorf("%s does not exist on %s, or is private: check the name, or set HF_TOKEN", what, c.hub.Host)
	case resp.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%s does not exist on %s, or HF_TOKEN is not valid or not allowed to read it", what, c.hub.Host)
	case resp.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s may not be read with this HF_TOKEN: %s", what, shorten(why))
	case resp.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s does not exist on %s", what, c.hub.Host)
	}
	return fmt.Errorf("%s cannot be read: %s answers %d %s", what, c.hub.Host, resp.StatusCode, shorten(why))
}
