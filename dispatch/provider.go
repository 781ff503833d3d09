package dispatch

import (
	"maps"
	"slices"
	"strings"
)

// A provider is a row of the table: all that is known about one before anybody configures it.
type provider struct {
	baseURL string // its built-in host; "" where the user has to say
	baseEnv string // the variable that may say so instead
	keyEnv  string // the variable that holds the key
	keyless bool   // it may be asked without a key
	free    bool   // its answers cost nothing
	model   func(id string) (base, model string)
	limit   string // what it calls max_tokens, if not that
	prefill string // the mark of a message to go on with, where it wants one
}

// simURL stands for the model in this process. It is never dialled.
const simURL = "http://sim.invalid/v1"

// providers is the table. To add one, add a row.
var providers = map[string]provider{
	"sim":               {baseURL: simURL, keyless: true, free: true},
	"local":             {baseEnv: "LOCAL_LLM_BASE_URL", keyEnv: "LOCAL_LLM_API_KEY", keyless: true, model: hostInModel},
	"openai_compatible": {baseEnv: "LOCAL_LLM_BASE_URL", keyEnv: "LOCAL_LLM_API_KEY", keyless: true, model: hostInModel},
	"openrouter":        {baseURL: "https://openrouter.ai/api/v1", keyEnv: "OPENROUTER_API_KEY"},
	"openai":            {baseURL: "https://api.openai.com/v1", keyEnv: "OPENAI_API_KEY", limit: maxCompletionTokens},
	"anthropic":         {baseURL: "https://api.anthropic.com/v1", keyEnv: "ANTHROPIC_API_KEY"},
	"chutes":            {baseURL: "https://llm.chutes.ai/v1", keyEnv: "CHUTES_API_TOKEN"},
	"fireworks":         {baseURL: "https://api.fireworks.ai/inference/v1", keyEnv: "FIREWORKS_API_KEY"},
	"google":            {baseURL: "https://generativelanguage.googleapis.com/v1beta/openai", keyEnv: "GEMINI_API_KEY"},
	"xai":               {baseURL: "https://api.x.ai/v1", keyEnv: "XAI_API_KEY"},
	"moonshot":          {baseURL: "https://api.moonshot.ai/v1", keyEnv: "MOONSHOT_API_KEY", prefill: "partial"},
	"deepseek":          {baseURL: "https://api.deepseek.com/v1", keyEnv: "DEEPSEEK_API_KEY", prefill: "prefix"},
	"together":          {baseURL: "https://api.together.xyz/v1", keyEnv: "TOGETHER_API_KEY"},
	"groq":              {baseURL: "https://api.groq.com/openai/v1", keyEnv: "GROQ_API_KEY"},
	"mistral":           {baseURL: "https://api.mistral.ai/v1", keyEnv: "MISTRAL_API_KEY", prefill: "prefix"},
	"tinker":            {baseURL: "https://tinker.thinkingmachines.dev/services/tinker-prod/oai/api/v1", keyEnv: "TINKER_API_KEY", model: samplerPath},
}

// hostInModel reads model strings that say where the model is: "host:port/model" and
// "http://host:port/v1::model". Any other string is the model's name and no more.
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

// samplerPath reads "base::renderer::tinker://…"; only the last part goes over the wire.
func samplerPath(id string) (base, model string) {
	if i := strings.LastIndex(id, "::"); i >= 0 {
		return "", id[i+2:]
	}
	return "", id
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// wireModel is what the body calls the model.
func wireModel(m *Model) string {
	_, model := splitID(m)
	return model
}

func splitID(m *Model) (base, model string) {
	if split := providers[m.Provider].model; split != nil {
		return split(m.ID)
	}
	return "", m.ID
}

// Providers are the names that isf.yaml may give as provider, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(providers)) }

// KeyVariable is the environment variable that holds a provider's key, "" if it has none.
func KeyVariable(name string) string { return providers[name].keyEnv }
