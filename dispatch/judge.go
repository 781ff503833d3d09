package dispatch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// A verdict is what a try amounts to: an answer, the end of everything (fatal), or a failure.
type verdict struct {
	answer  *answer
	fatal   *Fatal
	failed  *Failed
	again   bool // worth another try
	refused bool // the provider is at its limit
	undialt bool // there was no connection at all
	page    bool // a good status, and a web page
}

// judge says what a try amounts to. Its messages name the provider and the model, and hold no secrets.
func (p *place) judge(try context.Context, c *call, err error) verdict {
	var network *networkError
	if errors.As(err, &network) {
		return p.judgeNetwork(try, network.err)
	}
	switch {
	case c.status == 0: // nothing was sent
		return verdict{failed: &Failed{Type: "bad_request", Message: p.says(0, redactString(err.Error(), p.client.secrets))}}
	case c.status >= 400:
		return p.judgeStatus(c.status, reasonOf(err, c))
	case c.status >= 300:
		return fatal(c.status, "base_url", fmt.Sprintf("%s redirects to %s, and a key is not carried along: set base_url to where the API is", p.endpoint.base, p.target(c)))
	}
	a, no := readReply(c.raw)
	switch {
	case no == nil:
		return verdict{answer: a}
	case no.status != 0:
		return p.judgeStatus(no.status, no.reason)
	}
	return verdict{again: true, page: isPage(c.raw), failed: &Failed{Status: c.status, Type: no.kind, Transport: true, Message: p.says(0, no.reason.message)}}
}

// isPage tells a page for people from a reply.
func isPage(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("<")) }

// target is where a redirect leads: scheme, host and path, for what follows may be a secret.
func (p *place) target(c *call) string {
	to, _, _ := strings.Cut(c.header.Get("Location"), "?")
	return redactString(excerpt([]byte(to)), p.client.secrets)
}

func fatal(status int, kind, message string) verdict {
	return verdict{fatal: &Fatal{Status: status, Type: kind, Message: message}}
}

// says begins a message with who speaks.
func (p *place) says(status int, message string) string {
	who := p.provider + ", model " + p.model
	if status != 0 {
		return fmt.Sprintf("%s: %d %s: %s", who, status, http.StatusText(status), message)
	}
	return who + ": " + message
}

func (p *place) judgeNetwork(try context.Context, err error) verdict {
	message := redactString(err.Error(), p.client.secrets)
	if kind := tlsTrouble(err); kind != "" {
		return fatal(0, "tls", fmt.Sprintf("%s cannot be trusted (%s): check base_url, the clock and the certificates of this machine", p.endpoint.base, kind))
	}
	f := &Failed{Type: "network", Transport: true, Message: p.says(0, message)}
	var timeout net.Error
	var op *net.OpError
	undialt := errors.As(err, &op) && op.Op == "dial"
	switch {
	case errors.Is(context.Cause(try), errIdle):
		f.Type, f.Message = "timeout", p.says(0, errIdle.Error())
	case errors.Is(context.Cause(try), context.DeadlineExceeded):
		f.Type, f.Message = "timeout", p.says(0, "no answer in time")
	case undialt && errors.As(err, &timeout) && timeout.Timeout():
		f.Type, f.Message = "timeout", p.says(0, "no connection in time")
	case errors.As(err, &timeout) && timeout.Timeout():
		f.Type, f.Message = "timeout", p.says(0, "no answer in time")
	case errors.Is(err, errTooLong):
		f.Type = "bad_reply"
	}
	return verdict{failed: f, again: true, undialt: undialt}
}

// tlsTrouble says what is wrong with a certificate or a handshake; another try would find the same.
func tlsTrouble(err error) string {
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.As(err, &certificate):
		return certificate.Error()
	case errors.As(err, &authority):
		return authority.Error()
	case errors.As(err, &host):
		return host.Error()
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS"
	}
	return ""
}

// judgeStatus says what an error status means, whether it came as one or inside a good reply.
func (p *place) judgeStatus(status int, r reason) verdict {
	f := &Failed{Status: status, Type: "bad_request", Message: p.says(status, r.message)}
	switch {
	case isBadKey(status, r):
		return fatal(status, "unauthorized", p.refusedKey(r))
	case isNoCredit(status, r):
		return fatal(status, "no_credit", p.broke(r))
	case (status == 403 || status == 400) && isModeration(r):
		f.Type = "moderated"
		return verdict{failed: f}
	case status == 403:
		return fatal(status, "forbidden", p.forbidden(r))
	case status == 404 && !isUnknownModel(r) && !strings.Contains(strings.ToLower(r.message), "model") && !strings.Contains(r.message, "endpoint"):
		return fatal(status, "base_url", fmt.Sprintf("there is no chat API at %s (404): check base_url", p.client.url()))
	case status == 404 || (status == 400 && isUnknownModel(r)):
		return fatal(status, "unknown_model", fmt.Sprintf("%s does not know the model %s (%s): check its name in isf.yaml", p.provider, p.model, r.message))
	case slices.Contains([]int{408, 425, 429}, status) || status >= 500:
		f.Type, f.Transport = "server_error", true
		if status == 429 {
			f.Type = "rate_limited"
		}
		if status == 408 || status == 504 {
			f.Type = "timeout"
		}
		return verdict{failed: f, again: true, refused: status == 429 || status == 503 || status == 529}
	}
	return verdict{failed: f}
}
