package dispatch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/provider"
)

// What providers say of keys, credit, models and where they are, in sentences that name what the person at the terminal has
// to look at. By status alone they cannot be told apart: Google and xAI refuse a key with 400, Anthropic says
// with 400 that there is no credit, xAI with 403, and Fireworks with 412.
var (
	badKey   = regexp.MustCompile(`(?i)(incorrect|invalid) api[ _-]?key|api[ _-]?key (is )?(not valid|invalid|expired)`)
	noCredit = regexp.MustCompile(`(?i)credit balance is too low|insufficient (balance|credit|fund)|have any credits|account .{1,100} is suspended|reached .{0,40}spending limit`)
	// noQuota are codes and types of a 429 that waiting does not heal.
	noQuota = []string{"insufficient_quota", "exceeded_current_quota_error"}
)

func isBadKey(status int, r reason) bool {
	return status == 401 || (status == 400 && badKey.MatchString(r.message))
}

func isNoCredit(status int, r reason) bool {
	switch status {
	case 402:
		return true
	case 400, 403, 412:
		return noCredit.MatchString(r.message)
	}
	return slices.Contains(noQuota, r.code) || slices.Contains(noQuota, r.kind)
}

// refusedKey is about a key that the provider does not take, or does not find.
func (p *place) refusedKey(r reason) string {
	sent := p.sentKey()
	if sent == "" {
		return fmt.Sprintf("%s wants a key (%s), and %s", p.provider, r.message, p.noKey())
	}
	where := "in .env or the environment"
	if p.endpoint.key == "" {
		where = "in isf.yaml"
	}
	return fmt.Sprintf("%s refuses %s (%s): check it %s", p.provider, sent, r.message, where)
}

// forbidden is about a key that may not do what it is used for.
func (p *place) forbidden(r reason) string {
	sent := p.sentKey()
	if sent == "" {
		return fmt.Sprintf("%s forbids it (%s), and %s", p.provider, r.message, p.noKey())
	}
	return fmt.Sprintf("%s forbids it (%s): check what %s may do", p.provider, r.message, sent)
}

// broke is about an account that is empty.
func (p *place) broke(r reason) string {
	topUp := "top it up"
	if sent := p.sentKey(); sent != "" {
		topUp = "top up the account of " + sent
	}
	return fmt.Sprintf("%s has no credit left (%s): %s, then run the same command", p.provider, r.message, topUp)
}

// sentKey is what a person calls the key that was sent, "" if none was.
func (p *place) sentKey() string {
	switch name := secretHeader(p.endpoint.headers); {
	case p.endpoint.key != "":
		return p.endpoint.keyEnv
	case name != "":
		return "the header " + name
	}
	return ""
}

// noKey says why none was sent, and what to do.
func (p *place) noKey() string {
	if p.endpoint.keyEnv != "" {
		return p.endpoint.keyEnv + " is not set: put it in .env or the environment"
	}
	return fmt.Sprintf("none is sent to %s: name the variable that holds it with api_key_env beside base_url in isf.yaml", p.endpoint.base)
}

// nobody is about a host where nobody is. A provider's own host is there; what is not is the way to it.
func (p *place) nobody(f *Failed) *Fatal {
	check := "base_url, and that the server runs"
	if row, _ := provider.Of(p.provider); p.endpoint.base == row.BaseURL {
		check = "the network of this machine, and HTTPS_PROXY if it needs a proxy"
	}
	return &Fatal{Type: "no_server", Message: fmt.Sprintf("nothing answers at %s: check %s (%s)", p.endpoint.base, check, f.Message)}
}

// isModeration tells a prompt that a provider will not pass on from a key that may do nothing.
func isModeration(r reason) bool {
	m := strings.ToLower(r.message)
	return r.code == "content_filter" || strings.Contains(m, "moderation") || strings.Contains(m, "flagged") || strings.Contains(m, "content policy")
}

var unknownModel = regexp.MustCompile(`(?i)model.{0,100}(not found|does not exist|doesn't exist)|(unknown|no such|invalid|not a valid) model`)

func isUnknownModel(r reason) bool {
	return r.code == "model_not_found" || r.code == "DeploymentNotFound" || unknownModel.MatchString(r.message)
}
