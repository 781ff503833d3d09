package provider

import (
	"fmt"
	"slices"
)

// MaxCompletionTokens is what OpenAI calls max_tokens: its reasoning models
// refuse the old name.
const MaxCompletionTokens = "max_completion_tokens"

var (
	// named are body fields that isf.yaml has a key of its own for.
	named = []string{
		"model", "temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "repetition_penalty",
		"seed", "stop", "reasoning_effort", "chat_template_kwargs", "max_tokens",
	}
	// shaping are fields that only an extra can set, and that shape the answer.
	shaping = []string{"tools", "tool_choice", "response_format", "logit_bias"}
	// travelling are fields that only an extra can set, and that do not.
	travelling = []string{"user", "metadata", "service_tier"}
)

// CheckExtra says why a body field cannot be an extra, or, with transport, one
// that does not shape the answer. The body would hold it twice, or a key would
// hold what does not belong there.
func CheckExtra(name string, transport bool) error {
	switch {
	case name == "messages":
		return fmt.Errorf("extra field %q: a request has messages of its own; leave it out", name)
	case name == "n":
		return fmt.Errorf("extra field %q: several answers to a question are asked for one by one; leave it out", name)
	case name == "cache_control":
		return fmt.Errorf("extra field %q: long system prompts are marked by themselves where the provider takes it; leave it out", name)
	case name == "stream" || name == "stream_options":
		return fmt.Errorf("extra field %q: set stream on the model; it needs no extra", name)
	case name == MaxCompletionTokens:
		return fmt.Errorf("extra field %q: set max_tokens instead", name)
	case slices.Contains(named, name):
		return fmt.Errorf("extra field %q: set %s itself, not as an extra", name, name)
	case transport && slices.Contains(shaping, name):
		return fmt.Errorf("extra field %q shapes the answer: put it under extra", name)
	case !transport && slices.Contains(travelling, name):
		return fmt.Errorf("extra field %q does not shape the answer: put it under extra_transport", name)
	}
	return nil
}
