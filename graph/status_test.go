package graph

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// chain is a project of three targets: doc → facts → questions → answers.
func chain(t *testing.T) (p *project, g *Graph, facts, questions, answers *Target) {
	p = newProject(t, map[string]string{"doc.md": "# The mill\nIt turns.\n"})
	facts = &Target{Name: "facts", Kind: Table, Output: "facts.jsonl", Pipeline: "facts", Inputs: []Input{File{"narrative", "doc.md"}}}
	questions = &Target{Name: "questions", Kind: Table, Output: "questions.jsonl", Inputs: []Input{Source{Attr: "facts", Target: "facts"}, Param{"n", 1}}}
	answers = &Target{Name: "answers", Kind: Dataset, Output: "answers.jsonl", Inputs: []Input{Source{Attr: "questions", Target: "questions"}}}
	g = p.graph(facts, questions, answers)
	for _, name := range []string{"facts", "questions", "answers"} {
		p.build(g.Target(name), name+" 1\n")
	}
	return p, g, facts, questions, answers
}

func TestTheFirstStateThatHoldsIsTheState(t *testing.T) {
	all := quiet{running: map[string]bool{"facts": true}}
	for _, c := range []struct {
		name string
		do   func(p *project, facts *Target, look *quiet)
		want State
		why  string
	}{
		{"nothing happened", func(*project, *Target, *quiet) {}, Current, ""},
		{"a build runs", func(p *project, f *Target, l *quiet) { *l = all; p.remove("facts.jsonl") }, Running, ""},
		{"the manifest is gone", func(p *project, f *Target, l *quiet) { p.remove("facts.manifest.json") }, Missing, "No manifest (never run)"},
		{"the manifest is torn", func(p *project, f *Target, l *quiet) { p.write("facts.manifest.json", `{"pipeline": "fa`) }, Missing, "Manifest is damaged"},
		{"the output is gone", func(p *project, f *Target, l *quiet) { p.remove("facts.jsonl"); p.write("doc.md", "new") }, Missing, "Output file missing"},
		{"the output was edited", func(p *project, f *Target, l *quiet) { p.write("facts.jsonl", "mine"); p.write("doc.md", "new") }, Edited, "Output file changed by hand"},
		{"a build was killed between output and manifest", func(p *project, f *Target, l *quiet) {
			p.write("facts.jsonl", "placed")
			digest, _ := p.FullDigest("facts.jsonl")
			l.placing = map[string]string{"facts": digest}
		}, Stale, "Build was cut off before its manifest was written"},
		{"the first build failed", func(p *project, f *Target, l *quiet) {
			p.remove("facts.manifest.json")
			parts, _ := Parts(f, p.Reader)
			l.failed = map[string]string{"facts": Digest(parts)}
		}, Missing, "No manifest (never run), Last build failed"},
		{"a partial build", func(p *project, f *Target, l *quiet) { p.build(f, "rows", func(m *Manifest) { m.Partial = true }) }, Partial, "Partial run (3 samples, run without --limit for full data)"},
		{"a partial build is old", func(p *project, f *Target, l *quiet) {
			p.build(f, "rows", func(m *Manifest) { m.Partial = true })
			p.write("doc.md", "new")
		}, Stale, "Partial run (3 samples, run without --limit for full data), File 'narrative' content changed"},
		{"the input changed", func(p *project, f *Target, l *quiet) { p.write("doc.md", "new") }, Stale, "File 'narrative' content changed"},
		{"the last build of these inputs failed", func(p *project, f *Target, l *quiet) {
			p.write("doc.md", "new")
			parts, _ := Parts(f, p.Reader)
			l.failed = map[string]string{"facts": Digest(parts)}
		}, Failed, "Last build failed, File 'narrative' content changed"},
		{"the last build of other inputs failed", func(p *project, f *Target, l *quiet) {
			parts, _ := Parts(f, p.Reader)
			l.failed = map[string]string{"facts": Digest(parts)}
			p.write("doc.md", "new")
		}, Stale, "File 'narrative' content changed"},
		{"a failed build of the manifest's inputs", func(p *project, f *Target, l *quiet) {
			parts, _ := Parts(f, p.Reader)
			l.failed = map[string]string{"facts": Digest(parts)}
		}, Current, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, g, facts, _, _ := chain(t)
			var look quiet
			c.do(p, facts, &look)
			st := p.status(g, facts, look)
			if got := strings.Join(texts(st.Reasons), ", "); st.State != c.want || got != c.why {
				t.Errorf("got %s (%s), want %s (%s)", st.State, got, c.want, c.why)
			}
		})
	}
}

func TestAStaleSourceLeadsToTheRootCause(t *testing.T) {
	p, g, _, questions, answers := chain(t)
	p.write("doc.md", "# The mill\nIt stands.\n")
	root := "File 'narrative' content changed (doc.md: section 'The mill')"
	for _, c := range []struct {
		target *Target
		text   string
		cause  []string
	}{
		{questions, "Target 'facts' is stale", []string{"facts", root}},
		{answers, "Target 'questions' is stale", []string{"questions", "facts", root}},
	} {
		st := p.status(g, c.target, quiet{})
		if st.State != Stale || len(st.Reasons) != 1 || st.Reasons[0].Text != c.text || !slices.Equal(st.Reasons[0].Cause, c.cause) {
			t.Errorf("%s: got %s %+v, want %q because of %q", c.target.Name, st.State, st.Reasons, c.text, c.cause)
		}
	}
}

func TestASourceThatIsNotCurrentSaysHow(t *testing.T) {
	for how, do := range map[string]func(*project, *quiet, *Target){
		"is missing": func(p *project, _ *quiet, _ *Target) { p.remove("facts.manifest.json") },
		"is edited":  func(p *project, _ *quiet, _ *Target) { p.write("facts.jsonl", "mine") },
		"is running": func(_ *project, l *quiet, _ *Target) { l.running = map[string]bool{"facts": true} },
		"failed": func(p *project, l *quiet, facts *Target) {
			p.write("doc.md", "new")
			parts, _ := Parts(facts, p.Reader)
			l.failed = map[string]string{"facts": Digest(parts)}
		},
	} {
		p, g, facts, questions, _ := chain(t)
		var look quiet
		do(p, &look, facts)
		st := p.status(g, questions, look)
		if want := "Target 'facts' " + how; st.State != Stale || !slices.Equal(texts(st.Reasons), []string{want}) {
			t.Errorf("got %s %q, want STALE %q", st.State, texts(st.Reasons), want)
		}
	}
}

func TestEqualRowsWakeNobody(t *testing.T) {
	p, g, facts, questions, answers := chain(t)
	p.write("doc.md", "# The mill\nIt turns!\n")
	content := ShortDigest([]byte("facts 1\n"))
	p.build(facts, "facts 1, with other provenance\n", func(m *Manifest) { m.Output.Content = content })
	for _, target := range []*Target{facts, questions, answers} {
		if st := p.status(g, target, quiet{}); st.State != Current {
			t.Errorf("%s is %s %q, want CURRENT", target.Name, st.State, texts(st.Reasons))
		}
	}
	p.build(facts, "facts 2\n")
	if got, want := texts(p.status(g, questions, quiet{}).Reasons), []string{"Target 'facts' rows changed"}; !slices.Equal(got, want) {
		t.Errorf("after other rows: got %q, want %q", got, want)
	}
}

func TestAFailureIsOfItsSourcesToo(t *testing.T) {
	p, g, facts, questions, _ := chain(t)
	questions.Inputs[1] = Param{"n", 2}
	parts, _ := Parts(questions, p.Reader)
	look := quiet{failed: map[string]string{"questions": Digest(parts)}}
	if st := p.status(g, questions, look); st.State != Failed {
		t.Errorf("got %s, want FAILED", st.State)
	}
	p.remove(facts.Output)
	if st := p.status(g, questions, look); st.State != Stale {
		t.Errorf("with a missing source: got %s, want STALE", st.State)
	}
}

func TestAPromptsTargetExplainsAChangedSystemPrompt(t *testing.T) {
	p := newProject(t, map[string]string{"doc.md": "old"})
	prompt := &Target{Name: "full", Kind: Prompt, Output: "full.txt", Inputs: []Input{File{"documents", "doc.md"}}}
	uses := func(sysprompt string, temperature float64) *Target {
		return &Target{Name: "qa", Kind: Dataset, Output: "qa.jsonl", Inputs: []Input{
			Model{Attr: "identity", Registry: "keeper", SysPrompt: sysprompt, Prompt: "full", Fields: []NamedValue{{"temperature", temperature}}},
		}}
	}
	qa := uses("old", 0.7)
	p.graph(prompt, qa)
	p.build(prompt, "old")
	p.build(qa, "rows")

	p.write("doc.md", "new")
	same := uses("old", 0.7) // the edit changes no rendered byte
	if st := p.status(p.graph(prompt, same), same, quiet{}); st.State != Current {
		t.Errorf("an edit that renders the same: got %s %v, want CURRENT", st.State, st.Reasons)
	}
	changed := uses("new", 0.5)
	st := p.status(p.graph(prompt, changed), changed, quiet{})
	if got, want := texts(st.Reasons), []string{"Model 'identity' sysprompt changed", "Model 'identity' temperature changed"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got, want := st.Reasons[0].Cause, []string{"full", "File 'documents' content changed (doc.md: (before the first heading))"}; !slices.Equal(got, want) {
		t.Errorf("cause of the prompt: got %q, want %q", got, want)
	}
	if got := st.Reasons[1].Cause; got != nil {
		t.Errorf("cause of the temperature: got %q, want none", got)
	}
}

func TestWhatCannotBeUsedIsAReasonEvenBeforeTheFirstBuild(t *testing.T) {
	p := newProject(t, nil)
	target := &Target{Name: "t", Output: "t.jsonl", Inputs: []Input{Code{Broken: errors.New("x.go:1: no")}, File{"up", "../up"}}}
	st := p.status(p.graph(target), target, quiet{})
	want := []string{"No manifest (never run)", "Code does not compile", "File 'up' cannot be read"}
	if got := texts(st.Reasons); st.State != Missing || !slices.Equal(got, want) {
		t.Errorf("got %s %q, want MISSING %q", st.State, got, want)
	}
	if _, err := Parts(target, p.Reader); err == nil {
		t.Error("a build was given parts of what cannot be read")
	}
}

func TestAPythonTargetIsNeverCurrent(t *testing.T) {
	p := newProject(t, nil)
	target := &Target{Name: "t", Output: "t.jsonl", Pipeline: "t"}
	p.write("t.jsonl", "{}\n")
	p.write("t.manifest.json", `{"pipeline": "t", "code_hash": null, "deps": {}, "record_count": 1, "partial": false}`)
	st := p.status(p.graph(target), target, quiet{})
	if got, want := texts(st.Reasons), []string{"Pipeline code changed"}; st.State != Stale || !slices.Equal(got, want) {
		t.Errorf("got %s %q, want STALE %q", st.State, got, want)
	}
}

func TestStatusWorksWithoutWritingAnything(t *testing.T) {
	p, g, facts, _, _ := chain(t)
	before, _ := os.ReadDir(p.root)
	p.status(g, facts, quiet{})
	if after, _ := os.ReadDir(p.root); len(after) != len(before) {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestTwoInputsOfOneNameAreAnError(t *testing.T) {
	p := newProject(t, nil)
	for _, c := range []struct {
		inputs []Input
		want   bool
	}{
		{[]Input{File{"a", "x"}, Model{Attr: "a"}}, false},
		{[]Input{Param{"a", 1}, Param{"a", 1}}, false},
		{[]Input{File{"a", "x"}, Param{"a", 1}, Code{}}, true},
	} {
		if _, err := Parts(&Target{Name: "t", Inputs: c.inputs}, p.Reader); (err == nil) != c.want {
			t.Errorf("%v: got %v, want accepted %v", c.inputs, err, c.want)
		}
	}
}
