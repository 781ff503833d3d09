package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"
)

// What an identity is when isf.yaml does not say.
const (
	defaultPrefix      = "identity"
	defaultVersion     = "dev"
	defaultProvider    = "openrouter"
	defaultModel       = "anthropic/claude-sonnet-4"
	defaultTemperature = 0.7
	defaultVariant     = "full"
	defaultWorkers     = 50
)

// config reads the whole file.
func (d *Decoder) config(c *Config, n *yaml.Node) {
	c.Identity = Identity{Prefix: defaultPrefix, ReleaseVersion: defaultVersion, Line: n.Line}
	c.Prompts = PromptDirs{"identity", "identity/templates", "identity/versions", "registry.json"}
	c.WorkerConcurrency = defaultWorkers
	c.Budget.ConfirmAbove = defaultConfirm
	c.nameProviders(n)
	c.Checks = DefaultChecks()
	d.Section(n, "", c.fields())
	c.Identity.finish(n)
	for i, m := range c.Models {
		c.Models[i] = c.Complete(m)
	}
	c.Identity.Base = c.Complete(c.Identity.Base)
	if c.Project.Name == "" {
		c.Project.Name = titled(strings.ReplaceAll(c.Identity.Prefix, "-", " "))
	}
}

// titled begins each word with a capital, as Python's str.title does.
func titled(s string) string {
	letter := func(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
	out := []byte(strings.ToLower(s))
	for i, b := range out {
		if letter(b) && (i == 0 || !letter(out[i-1])) {
			out[i] = b - 0x20
		}
	}
	return string(out)
}

func (c *Config) fields() []Field {
	return []Field{
		{"project", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, c.Project.fields()) }},
		{"providers", c.readProviders},
		{"models", c.readModels},
		{"identity", func(d *Decoder, n *yaml.Node, path string) {
			c.Identity.Line = n.Line
			d.Section(n, path, c.Identity.fields(c.known))
			c.Identity.Base.checkWeights(d, n, path)
		}},
		{"prompts", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, c.Prompts.fields()) }},
		{"worker_concurrency", integer(&c.WorkerConcurrency, 1)},
		{"cache", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, c.Cache.fields()) }},
		{"budget", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, c.Budget.fields()) }},
		{"retry", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, c.Retry.fields()) }},
		{"pipelines", c.readPipelines},
		{"checks", c.readChecks},
	}
}

func (p *Project) fields() []Field { return []Field{{"name", text(&p.Name)}} }

func (c *Cache) fields() []Field { return []Field{{"share", text(&c.Share)}} }

func (p *PromptDirs) fields() []Field {
	return []Field{
		{"identity_dir", folder(&p.IdentityDir)},
		{"templates_dir", folder(&p.TemplatesDir)},
		{"versions_dir", folder(&p.VersionsDir)},
		{"registry_path", folder(&p.RegistryPath)},
	}
}

func (c *Config) readModels(d *Decoder, n *yaml.Node, path string) {
	if !d.Mapping(n, path) {
		return
	}
	for _, p := range d.Pairs(n, path) {
		if !d.CheckName(p.Key, "a model", p.Key.Value, false) {
			continue
		}
		m := Model{Name: p.Key.Value, Line: p.Key.Line, Provider: defaultProvider}
		at := join(path, p.Key.Value)
		before := len(d.problems)
		if IsNull(p.Value) {
			d.Fault(p.Key, "%s is empty; it needs a model", at)
			continue
		}
		d.Section(p.Value, at, append(m.fields(c.known), m.promptFields()...))
		if m.ID == "" && m.Provider == "sim" {
			m.ID = "sim"
		}
		if m.ID == "" && before == len(d.problems) {
			d.Fault(p.Key, "%s has no key \"model\", which is the provider's name for it", at)
		}
		m.checkWeights(d, p.Key, at)
		c.Models = append(c.Models, m)
	}
}

// fields are the settings that plain models and the identity's models share.
// providers are the names that one may have.
func (m *Model) fields(providers []string) []Field {
	return []Field{
		{"provider", providerName(&m.Provider, providers)},
		{"model", text(&m.ID)},
		{"temperature", float(&m.Temperature, 0)},
		{"base_url", bases(&m.BaseURL)},
		{"api_key_env", text(&m.APIKeyEnv)},
		{"weights", text(&m.Weights)},
		{"headers", textMap(&m.Headers)},
		{"stream", optionalBool(&m.Stream)},
		{"timeout", duration(&m.Timeouts.Total)},
		{"idle_timeout", duration(&m.Timeouts.Idle)},
		{"connect_timeout", duration(&m.Timeouts.Connect)},
		{"max_tokens", integer(&m.MaxTokens, 1)},
		{"top_p", float(&m.TopP, 0)},
		{"top_k", optionalInt(&m.TopK, -1)},
		{"min_p", float(&m.MinP, 0)},
		{"frequency_penalty", float(&m.FrequencyPenalty, -100)},
		{"presence_penalty", float(&m.PresencePenalty, -100)},
		{"repetition_penalty", float(&m.RepetitionPenalty, 0)},
		{"stop", texts(&m.Stop)},
		{"seed", optionalInt(&m.Seed, -1<<63)},
		{"reasoning_effort", text(&m.ReasoningEffort)},
		{"chat_template_kwargs", jsonMap(&m.ChatTemplateKwargs)},
		{"extra", extras(&m.Extra, false)},
		{"extra_transport", extras(&m.ExtraTransport, true)},
		{"history_thinking", OneOf(&m.HistoryThinking, "strip", "echo")},
		{"price", m.readPrice},
		{"limits", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, m.Limits.fields()) }},
	}
}

// checkWeights keeps the simulated model's answers from passing for those of real weights.
func (m *Model) checkWeights(d *Decoder, n *yaml.Node, path string) {
	if m.Provider == "sim" && m.Weights != "" {
		d.Fault(n, "%s has weights, but its provider is the simulated model, which has none: leave weights out, or name the provider that serves them", path)
	}
}

// promptFields are the settings of a model's system prompt; the identity's
// models have theirs from templates.
func (m *Model) promptFields() []Field {
	return []Field{
		{"sysprompt", text(&m.SysPrompt)},
		{"sysprompt_file", m.readPromptFile},
	}
}

func (l *Limits) fields() []Field {
	return []Field{{"rpm", integer(&l.RPM, 1)}, {"tpm", integer(&l.TPM, 1)}}
}

func (m *Model) readPrice(d *Decoder, n *yaml.Node, path string) {
	var p Price
	var prompt, completion, cached bool
	before := len(d.problems)
	d.Section(n, path, []Field{
		{"prompt", usd(&p.Prompt, &prompt)},
		{"completion", usd(&p.Completion, &completion)},
		{"cached_prompt", usd(&p.CachedPrompt, &cached)},
	})
	if !cached {
		p.CachedPrompt = p.Prompt
	}
	m.Price = &p
	if !(prompt && completion) && before == len(d.problems) {
		d.Fault(n, "%s needs both prompt and completion", path)
	}
}

// readPromptFile reads the file that sysprompt_file names. The text that is
// given inline wins, as in the Python toolkit.
func (m *Model) readPromptFile(d *Decoder, n *yaml.Node, path string) {
	name, ok := d.Text(n, path)
	if !ok {
		return
	}
	file := filepath.FromSlash(name)
	if !filepath.IsAbs(file) {
		file = filepath.Join(d.root, file)
	}
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Fault(n, "%s: there is no file %q in the project", path, name)
	case err != nil:
		d.Fault(n, "%s cannot be read: %v", path, err)
	case !utf8.Valid(content):
		d.Fault(n, "%s: %q is not UTF-8 text", path, name)
	case m.SysPrompt == "":
		m.SysPromptFile = filepath.ToSlash(filepath.Clean(name))
		m.SysPrompt = Newlines(string(content))
	}
}

// Newlines makes every line end \n, as reading a text file in Python does.
func Newlines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func (c *Config) readPipelines(d *Decoder, n *yaml.Node, path string) {
	if !d.Mapping(n, path) {
		return
	}
	c.Pipelines = map[string]map[string]Param{}
	for _, p := range d.Pairs(n, path) {
		at := join(path, p.Key.Value)
		if !d.CheckName(p.Key, "a pipeline", p.Key.Value, false) || !d.Mapping(p.Value, at) {
			continue
		}
		params := map[string]Param{}
		for _, q := range d.Pairs(p.Value, at) {
			params[q.Key.Value] = Param{d.value(q.Value, join(at, q.Key.Value), false), d.place(q.Key)}
		}
		c.Pipelines[p.Key.Value] = params
	}
}

func (id *Identity) fields(providers []string) []Field {
	return append([]Field{
		{"prefix", plainName(&id.Prefix, "an identity")},
		{"release_version", plainName(&id.ReleaseVersion, "a version")},
		{"variants", id.readVariants},
	}, id.Base.fields(providers)...)
}

// finish fills in what the file did not say.
func (id *Identity) finish(n *yaml.Node) {
	b := &id.Base
	b.Line = id.Line
	if b.Provider == "" {
		b.Provider = defaultProvider
	}
	if b.ID == "" {
		b.ID = defaultModel
	}
	if b.Temperature == nil {
		t := defaultTemperature
		b.Temperature = &t
	}
	id.Provider, id.Model, id.Temperature = b.Provider, b.ID, *b.Temperature
	if id.Variants == nil {
		id.Variants = []Variant{{Name: defaultVariant, Template: templateOf(defaultVariant), Line: n.Line}}
	}
}

func templateOf(variant string) string { return fmt.Sprintf("%s.txt.j2", variant) }

// readVariants reads a list of names, or a mapping of names to settings.
func (id *Identity) readVariants(d *Decoder, n *yaml.Node, path string) {
	id.Variants = []Variant{}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			item = Resolve(item)
			if name, ok := d.Text(item, path); ok {
				id.addVariant(d, item, name)
			}
		}
	case yaml.MappingNode:
		for _, p := range d.Pairs(n, path) {
			if v := id.addVariant(d, p.Key, p.Key.Value); v != nil && !IsNull(p.Value) {
				d.Section(p.Value, join(path, p.Key.Value), v.fields())
			}
		}
	default:
		d.Wrong(n, path, "a list of names, or a mapping")
	}
}

// addVariant adds a variant with default settings; nil after a problem.
func (id *Identity) addVariant(d *Decoder, n *yaml.Node, name string) *Variant {
	if !d.CheckName(n, "a variant", name, true) {
		return nil
	}
	for _, v := range id.Variants {
		if v.Name == name {
			d.Fault(n, "variant %q is given twice; the first is on line %d", name, v.Line)
			return nil
		}
	}
	id.Variants = append(id.Variants, Variant{Name: name, Template: templateOf(name), Line: n.Line})
	return &id.Variants[len(id.Variants)-1]
}

func (v *Variant) fields() []Field {
	return []Field{
		{"template", text(&v.Template)},
		{"context", func(d *Decoder, n *yaml.Node, path string) {
			if !d.Mapping(n, path) {
				return
			}
			v.Context = map[string]any{}
			for _, p := range d.Pairs(n, path) {
				v.Context[p.Key.Value] = d.value(p.Value, join(path, p.Key.Value), true)
			}
		}},
	}
}
