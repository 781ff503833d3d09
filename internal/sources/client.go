package sources

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// A Client reads remote locations. It may be used by many goroutines.
//
// The token goes to the hub's own host and to no other, also when the hub
// redirects there, and never over plain HTTP except to this machine.
type Client struct {
	dir     string // keeps what was fetched
	hub     *url.URL
	token   string
	offline bool
	log     func(string)
	http    *http.Client
	wait    func(context.Context, time.Duration) error // replaced in tests
}

// Options of a Client.
type Options struct {
	Dir     string              // where fetched bytes are kept
	Getenv  func(string) string // HF_TOKEN, HF_ENDPOINT
	Offline bool                // read nothing but what is kept
	Log     func(string)        // a line for people
}

// defaultHub is where datasets are; HF_ENDPOINT names a mirror.
const defaultHub = "https://huggingface.co"

// NewClient returns a Client. It touches neither disk nor network.
func NewClient(o Options) (*Client, error) {
	c := &Client{dir: o.Dir, offline: o.Offline, log: o.Log, wait: sleep}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if c.log == nil {
		c.log = func(string) {}
	}
	address := o.Getenv("HF_ENDPOINT")
	if address == "" {
		address = defaultHub
	}
	hub, err := url.Parse(address)
	if err != nil || hub.Host == "" || (hub.Scheme != "http" && hub.Scheme != "https") {
		return nil, fmt.Errorf("HF_ENDPOINT is no address: set it to one like %s, or unset it", defaultHub)
	}
	c.hub = hub
	c.token = o.Getenv("HF_TOKEN")
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = headerTimeout
	c.http = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

const (
	headerTimeout = 30 * time.Second
	stallTimeout  = 60 * time.Second // without a byte of an answer that has begun
	maxHops       = 6                // the hub takes two at most
	maxTries      = 6                // with the waits between them, about half a minute
)

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// ErrUnreachable says that a server did not answer, or not usefully. Another
// time it may.
var ErrUnreachable = errors.New("unreachable")

// ErrOffline says that something is not kept and may not be fetched.
var ErrOffline = errors.New("this build is offline")

// send sends one request and follows where it leads. It returns the response
// and the address that gave it.
func (c *Client) send(ctx context.Context, address string, header http.Header) (*http.Response, string, error) {
	for range maxHops {
		u, err := url.Parse(address)
		if err != nil {
			return nil, "", err
		}
		req := (&http.Request{Method: http.MethodGet, URL: u, Header: header.Clone(), Host: u.Host}).WithContext(ctx)
		if req.Header == nil {
			req.Header = http.Header{}
		}
		req.Header.Set("User-Agent", "isf")
		req.Header.Set("Accept-Encoding", "identity") // ranges and sizes are of the file, not of a coding
		if c.token != "" && c.trusts(u) {
			req.Header.Set("Authorization", "Bearer "+c.token)
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, "", err
		}
		to := resp.Header.Get("Location")
		if resp.StatusCode < 300 || resp.StatusCode > 399 || to == "" {
			return resp, address, nil
		}
		_ = resp.Body.Close()
		next, err := u.Parse(to)
		if err != nil || (next.Scheme != "http" && next.Scheme != "https") || (u.Scheme == "https" && next.Scheme == "http") {
			return nil, "", fmt.Errorf("%s redirects to an address that cannot be followed", bare(address))
		}
		address = next.String()
	}
	return nil, "", fmt.Errorf("%s redirects without end", bare(address))
}

// trusts says whether the token may go to an address.
func (c *Client) trusts(u *url.URL) bool {
	if u.Scheme != c.hub.Scheme || u.Host != c.hub.Host {
		return false
	}
	return u.Scheme == "https" || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

// path is where something is kept.
func (c *Client) path(name ...string) string {
	return filepath.Join(append([]string{c.dir}, name...)...)
}
