package engine

import (
	"fmt"
	"path"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/prompts"
	"github.com/identity-shaping/isf/internal/registry"
)

// graph makes the project's targets: rendered prompts, the registry, and what
// each pipeline and each recipe makes.
func (p *Project) graph() (*graph.Graph, error) {
	var targets []*graph.Target
	registryTarget := &graph.Target{Name: RegistryTarget, Kind: graph.Registry, Output: p.Config.Prompts.RegistryPath}
	for _, variant := range p.Registry.Variants() {
		t, err := p.promptTarget(variant)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
		registryTarget.Inputs = append(registryTarget.Inputs, graph.Source{Attr: variant, Target: t.Name})
	}
	for _, m := range p.Registry.Models() {
		registryTarget.Inputs = append(registryTarget.Inputs, modelInput(m.Name, m, nil))
	}
	targets = append(targets, registryTarget)
	for _, q := range p.Pipelines {
		targets = append(targets, p.pipelineTarget(q))
	}
	targets = append(targets, p.stored(targets)...)
	if err := p.loadRecipes(targets); err != nil {
		return nil, err
	}
	for _, f := range p.recipes {
		targets = append(targets, recipeTarget(f))
	}
	return graph.New(append(targets, p.reportTargets(targets)...))
}

func (p *Project) promptTarget(variant string) (*graph.Target, error) {
	in, err := p.Registry.Inputs(variant)
	if err != nil {
		return nil, err
	}
	return &graph.Target{
		Name:   strings.TrimSuffix(in.Output, path.Ext(in.Output)),
		Kind:   graph.Prompt,
		Output: in.Output,
		Inputs: []graph.Input{
			graph.Glob{Attr: "documents", Pattern: path.Join(in.Documents, "**/*.md")},
			graph.Files{Attr: "template", Ref: in.Templates[0], Paths: in.Templates},
			graph.Param{Attr: "context", Value: in.Context},
			graph.Param{Attr: "renderer", Value: prompts.Version},
		},
	}, nil
}

func (p *Project) pipelineTarget(q *Pipeline) *graph.Target {
	name := path.Join(dataDir, q.Name)
	t := &graph.Target{Name: name, Kind: q.Kind, Output: name + ".jsonl", Errors: name + ".errors.jsonl", Pipeline: q.Name}
	t.Inputs = append(t.Inputs, p.codes.input(q))
	for _, d := range q.deps {
		t.Inputs = append(t.Inputs, p.input(name, d))
	}
	for _, param := range q.params {
		t.Inputs = append(t.Inputs, graph.Param{Attr: param.name, Value: param.field.Interface()})
	}
	t.Inputs = append(t.Inputs, graph.Param{Attr: "annotated", Value: !q.Minimal})
	t.Inputs = append(t.Inputs, p.decided(t.Output)...)
	t.Inputs = append(t.Inputs, q.lockInput(t.Output)...)
	return t
}

// input turns a dependency field into what the graph hashes.
func (p *Project) input(target string, d dependency) graph.Input {
	value := d.value()
	switch d.field.Interface().(type) {
	case Target:
		return graph.Source{Attr: d.attr, Target: targetName(value)}
	case File:
		return graph.File{Attr: d.attr, Path: value}
	case Data:
		return p.dataInput(target, d.attr, value)
	case Dir:
		return graph.Dir{Attr: d.attr, Path: value}
	case Glob:
		return graph.Glob{Attr: d.attr, Pattern: value}
	case Prompt:
		return p.promptInput(d.attr, value)
	default:
		m, err := p.Registry.Lookup(value)
		m.Name = value
		return modelInput(d.attr, m, err)
	}
}

// targetName accepts a pipeline's bare name for the target it makes.
func targetName(name string) string {
	if strings.HasPrefix(name, dataDir+"/") {
		return name
	}
	return path.Join(dataDir, name)
}

func (p *Project) promptInput(attr, file string) graph.Input {
	in := graph.PromptFiles{Attr: attr, Ref: file, Paths: []string{file}}
	name, err := promptName(file)
	if err == nil && p.prompts != nil {
		var names []string
		if names, err = p.prompts.Files(name); err != nil {
			err = fmt.Errorf("%s/%w", promptsDir, err)
		}
		in.Paths = in.Paths[:0]
		for _, n := range names {
			in.Paths = append(in.Paths, path.Join(promptsDir, n))
		}
	}
	if len(in.Paths) == 0 {
		in.Paths = []string{file}
	}
	in.Err = err
	return in
}

// promptName returns a prompt's name inside the prompts folder.
func promptName(file string) (string, error) {
	name, inside := strings.CutPrefix(path.Clean(file), promptsDir+"/")
	if !inside {
		return "", Usagef("prompt %q: prompts of pipelines lie under %s/", file, promptsDir)
	}
	return name, nil
}

// modelInput lists what decides the answers of a model: what enters the key of
// every request, and nothing that does not.
func modelInput(attr string, m registry.Model, err error) graph.Input {
	c := m.Config
	fields := []graph.NamedValue{{Name: "provider", Value: m.Provider}, {Name: "model", Value: m.ID}}
	if c.Weights != "" {
		fields = []graph.NamedValue{{Name: "weights", Value: c.Weights}}
	}
	add := func(name string, value any, set bool) {
		if set {
			fields = append(fields, graph.NamedValue{Name: name, Value: value})
		}
	}
	add("temperature", m.Temperature, m.Temperature != nil)
	add("top_p", c.TopP, c.TopP != nil)
	add("top_k", c.TopK, c.TopK != nil)
	add("min_p", c.MinP, c.MinP != nil)
	add("frequency_penalty", c.FrequencyPenalty, c.FrequencyPenalty != nil)
	add("presence_penalty", c.PresencePenalty, c.PresencePenalty != nil)
	add("repetition_penalty", c.RepetitionPenalty, c.RepetitionPenalty != nil)
	add("max_tokens", c.MaxTokens, c.MaxTokens != 0)
	add("stop", c.Stop, len(c.Stop) > 0)
	add("seed", c.Seed, c.Seed != nil)
	add("reasoning_effort", c.ReasoningEffort, c.ReasoningEffort != "")
	add("chat_template_kwargs", c.ChatTemplateKwargs, len(c.ChatTemplateKwargs) > 0)
	add("extra", c.Extra, len(c.Extra) > 0)
	add("history_thinking", c.HistoryThinking, c.HistoryThinking == historyEcho)
	return graph.Model{Attr: attr, Registry: m.Name, SysPrompt: m.SysPrompt, Fields: fields, Err: err, Prompt: m.PromptTarget, File: m.PromptFile}
}
