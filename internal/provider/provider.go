// Package provider is the table of those who answer: for each what is known
// before anybody configures it. isf.yaml is checked against it when it is read,
// and dispatch sends by it.
//
// A provider is a name. The table knows a name's host, the variable that holds
// its key, and where its API differs from OpenAI's. To add one, add a row. A
// project adds its own under `providers:` in isf.yaml; those have no row.
package provider

import (
	"maps"
	"slices"
	"strings"
)

// A Row is what the table says of one provider. The zero Row is an
// OpenAI-compatible server of which nothing is known.
type Row struct {
	BaseURL string // its built-in host; "" where the user has to say
	BaseEnv string // the variable that may say so instead
	KeyEnv  string // the variable that holds the key
	Keyless bool   // it may be asked without a key
	Free    bool   // its answers cost nothing
	Bills   bool   // its replies say what they cost
	Azure   bool   // URLs by deployment, and the key in a header of its own

	StreamCounts bool // its streams end with the usage unasked, and it refuses to be asked (stream_options)

	Limit     string // what it calls max_tokens, if not that
	Seed      string // what it calls seed, if not that
	Prefill   string // the mark of a message to go on with, where it wants one
	Reasoning string // what it calls the thinking of an earlier answer, if not reasoning_content

	split  func(id string) (base, model string)
	caches func(model string) bool
}

// SimURL stands for the model in this process. It is never dialled.
const SimURL = "http://sim.invalid/v1"

var table = map[string]Row{
	"sim":               {BaseURL: SimURL, Keyless: true, Free: true},
	"local":             {BaseEnv: "LOCAL_LLM_BASE_URL", KeyEnv: "LOCAL_LLM_API_KEY", Keyless: true, split: hostInModel},
	"openai_compatible": {BaseEnv: "LOCAL_LLM_BASE_URL", KeyEnv: "LOCAL_LLM_API_KEY", Keyless: true, split: hostInModel},
	"openrouter":        {BaseURL: "https://openrouter.ai/api/v1", KeyEnv: "OPENROUTER_API_KEY", Bills: true, Reasoning: "reasoning", caches: ofAnthropic},
	"openai":            {BaseURL: "https://api.openai.com/v1", KeyEnv: "OPENAI_API_KEY", Limit: MaxCompletionTokens},
	"azure":             {BaseEnv: "AZURE_OPENAI_ENDPOINT", KeyEnv: "AZURE_OPENAI_API_KEY", Limit: MaxCompletionTokens, Azure: true},
	"anthropic":         {BaseURL: "https://api.anthropic.com/v1", KeyEnv: "ANTHROPIC_API_KEY"},
	"chutes":            {BaseURL: "https://llm.chutes.ai/v1", KeyEnv: "CHUTES_API_TOKEN"},
	"fireworks":         {BaseURL: "https://api.fireworks.ai/inference/v1", KeyEnv: "FIREWORKS_API_KEY"},
	"google":            {BaseURL: "https://generativelanguage.googleapis.com/v1beta/openai", KeyEnv: "GEMINI_API_KEY"},
	"xai":               {BaseURL: "https://api.x.ai/v1", KeyEnv: "XAI_API_KEY"},
	"moonshot":          {BaseURL: "https://api.moonshot.ai/v1", KeyEnv: "MOONSHOT_API_KEY", Prefill: "partial"},
	"deepseek":          {BaseURL: "https://api.deepseek.com/v1", KeyEnv: "DEEPSEEK_API_KEY", Prefill: "prefix"},
	"together":          {BaseURL: "https://api.together.xyz/v1", KeyEnv: "TOGETHER_API_KEY"},
	"groq":              {BaseURL: "https://api.groq.com/openai/v1", KeyEnv: "GROQ_API_KEY"},
	"mistral":           {BaseURL: "https://api.mistral.ai/v1", KeyEnv: "MISTRAL_API_KEY", Prefill: "prefix", Seed: "random_seed", StreamCounts: true},
	"tinker":            {BaseURL: "https://tinker.thinkingmachines.dev/services/tinker-prod/oai/api/v1", KeyEnv: "TINKER_API_KEY", split: samplerPath},
}

// Of returns the row of a provider. ok is false for one that has none.
func Of(name string) (row Row, ok bool) {
	row, ok = table[name]
	return row, ok
}

// Names are the providers of the table, sorted.
func Names() []string { return slices.Sorted(maps.Keys(table)) }

// Split takes a model string apart: where the model is, if the string says so,
// and what the body of a request calls it.
func (r Row) Split(id string) (base, model string) {
	if r.split == nil {
		return "", id
	}
	return r.split(id)
}

// Caches says that the model takes a mark (cache_control) behind the part of a
// prompt that it shall remember. Others remember by themselves, or not at all.
func (r Row) Caches(model string) bool { return r.caches != nil && r.caches(model) }

// ofAnthropic are the models behind OpenRouter that remember only what is
// marked. Anthropic's own OpenAI-compatible endpoint ignores the mark.
func ofAnthropic(model string) bool { return strings.HasPrefix(model, "anthropic/") }

// hostInModel reads model strings that say where the model is: "host:port/model"
// and "http://host:port/v1::model". Any other string is the model's name and no
// more.
func hostInModel(id string) (base, model string) {
	if base, model, ok := strings.Cut(id, "::"); ok && strings.Contains(base, "://") {
		return base, model
	}
	host, model, ok := strings.Cut(id, "/")
	name, port, isHost := strings.Cut(host, ":")
	if !ok || !isHost || name == "" || !allDigits(port) || model == "" {
		return "", id
	}
	return "http://" + host + "/v1", model
}

// samplerPath reads "base::renderer::tinker://…"; only the last part goes over
// the wire.
func samplerPath(id string) (base, model string) {
	if i := strings.LastIndex(id, "::"); i >= 0 {
		return "", id[i+2:]
	}
	return "", id
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
