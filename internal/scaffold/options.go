package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/identity-shaping/isf/internal/near"
	"github.com/identity-shaping/isf/internal/provider"
)

// Options say what a new project is about.
type Options struct {
	Name     string // of the identity
	Provider string
	Source   Source
}

// goVersion is the language version of new modules: that of isf's own go.mod.
const goVersion = "1.26.0"

// A page is what the templates of a project see.
type page struct {
	Name, Prefix, Module   string
	Provider, Model, Judge string
	KeyEnv                 string
	Keys                   []string
	Go, Version, Checkout  string
	Sums                   []byte
}

func (o Options) data() (page, error) {
	if err := CheckName(o.Name); err != nil {
		return page{}, err
	}
	if err := CheckProvider(o.Provider); err != nil {
		return page{}, err
	}
	m := models[o.Provider]
	p := page{
		Name: o.Name, Prefix: Prefix(o.Name), Provider: o.Provider, Model: m.identity, Judge: m.judge,
		KeyEnv: keyEnv(o.Provider), Go: goVersion, Version: o.Source.Version, Checkout: o.Source.Checkout, Sums: o.Source.sums,
	}
	p.Module = "example.com/" + p.Prefix
	for _, name := range provider.Names() {
		if env := keyEnv(name); env != "" && !slices.Contains(p.Keys, env) {
			p.Keys = append(p.Keys, env)
		}
	}
	slices.Sort(p.Keys)
	return p, nil
}

// keyEnv is the variable that holds a provider's key, "" if it has none.
func keyEnv(name string) string {
	row, _ := provider.Of(name)
	return row.KeyEnv
}

// models are those a project begins with: one that carries the voice, and one
// that reads and asks. They are a start and no judgement; isf.yaml changes them.
var models = map[string]struct{ identity, judge string }{
	"sim":               {"sim/plain", "sim/judge"},
	"openrouter":        {"anthropic/claude-sonnet-4", "z-ai/glm-4.6"},
	"openai":            {"gpt-4.1", "gpt-4.1-mini"},
	"azure":             {"gpt-4.1", "gpt-4.1-mini"}, // names of deployments
	"anthropic":         {"claude-sonnet-4-20250514", "claude-sonnet-4-20250514"},
	"google":            {"gemini-2.5-pro", "gemini-2.5-flash"},
	"xai":               {"grok-4", "grok-4"},
	"moonshot":          {"kimi-k2-0905-preview", "kimi-k2-0905-preview"},
	"deepseek":          {"deepseek-chat", "deepseek-chat"},
	"together":          {"deepseek-ai/DeepSeek-V3.1", "deepseek-ai/DeepSeek-V3.1"},
	"groq":              {"llama-3.3-70b-versatile", "llama-3.3-70b-versatile"},
	"mistral":           {"mistral-large-latest", "mistral-small-latest"},
	"chutes":            {"deepseek-ai/DeepSeek-V3.1", "deepseek-ai/DeepSeek-V3.1"},
	"fireworks":         {"accounts/fireworks/models/deepseek-v3p1", "accounts/fireworks/models/deepseek-v3p1"},
	"tinker":            {"deepseek-ai/DeepSeek-V3.1", "deepseek-ai/DeepSeek-V3.1"},
	"local":             {"127.0.0.1:8080/local-model", "127.0.0.1:8080/local-model"},
	"openai_compatible": {"127.0.0.1:8080/local-model", "127.0.0.1:8080/local-model"},
}

// CheckProvider suggests a near name for an unknown provider.
func CheckProvider(name string) error {
	known := provider.Names()
	if slices.Contains(known, name) {
		return nil
	}
	if best := near.Best(name, known); best != "" {
		return fmt.Errorf("provider %q is unknown; did you mean %q?", name, best)
	}
	return fmt.Errorf("provider %q is unknown; providers are %s", name, strings.Join(known, ", "))
}

// legalName is what a name may be: it goes into documents, prompts and code.
var legalName = regexp.MustCompile(`^\p{L}[\p{L}\p{M}\p{N} .'’-]*$`)

// CheckName says what is wrong with the name of an identity.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the identity needs a name")
	case len([]rune(name)) > 60 || !legalName.MatchString(name) || name != strings.TrimSpace(name):
		return fmt.Errorf("name %q: use up to 60 letters, digits, spaces, dots, dashes and apostrophes, beginning with a letter", name)
	}
	return nil
}

// Prefix is a name as the registry and Go can have it: "Ada the Elder" is
// ada-the-elder, and one without any Latin letter is "identity".
func Prefix(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		default:
			b.WriteByte('-')
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' })
	if len(words) == 0 {
		return "identity"
	}
	return strings.Join(words, "-")
}

// NameOf is the name that a folder's name suggests: my-keeper is My Keeper.
func NameOf(folder string) string {
	words := strings.FieldsFunc(folder, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		first := []rune(w)
		first[0] = unicode.ToUpper(first[0])
		words[i] = string(first)
	}
	if name := strings.Join(words, " "); CheckName(name) == nil {
		return name
	}
	return "Identity"
}
