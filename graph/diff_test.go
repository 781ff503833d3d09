package graph

import (
	"errors"
	"testing"
)

func TestReasonsSayWhatChanged(t *testing.T) {
	const narrative = "# Me\nI am.\n## The mill\nIt turns.\n## The sea\nIt waits.\n"
	judge := func(prompt string, fields ...NamedValue) Input {
		return Model{Attr: "judge", Registry: "judge", SysPrompt: prompt, Fields: fields}
	}
	decls := func(hashes ...string) Input {
		c := Code{Hash: "hash"}
		for i, h := range hashes {
			c.Hash += h
			c.Decls = append(c.Decls, PartField{Name: "p." + string(rune('a'+i)), Digest: h})
		}
		return c
	}
	for _, c := range []struct {
		was, now     Input
		edit         func(p *project) // between was and now
		text, detail string
	}{
		{was: File{"doc", "N.md"}, now: File{"doc", "N.md"}},
		{
			File{"doc", "N.md"},
			File{"doc", "N.md"},
			func(p *project) { p.write("N.md", "# Me\nI am.\n## The mill\nIt stands.\n## The sea\nIt waits.\n") },
			"File 'doc' content changed", "N.md: section 'The mill'",
		},
		{
			File{"doc", "N.md"},
			File{"doc", "N.md"},
			func(p *project) { p.write("N.md", "# Me\nI am.\n## The mill\nIt turns.\n## The sky\nIt waits.\n") },
			"File 'doc' content changed", "N.md: section 'The sky' added, section 'The sea' removed",
		},
		{File{"doc", "N.md"}, File{"doc", "N.md"}, func(p *project) { p.remove("N.md") }, "File 'doc' content changed", "N.md is missing"},
		{File{"doc", "new"}, File{"doc", "new"}, func(p *project) { p.write("new", "x") }, "File 'doc' content changed", "new was missing"},
		{File{"doc", "N.md"}, File{"doc", "copy.md"}, func(p *project) { p.write("copy.md", narrative) }, "File 'doc' path changed", "N.md → copy.md"},
		{File{"doc", "N.md"}, File{"doc", "d/b.md"}, nil, "File 'doc' content changed", "N.md → d/b.md"},
		{
			Dir{"docs", "d"},
			Dir{"docs", "d"},
			func(p *project) { p.write("d/a.md", "x"); p.write("d/c.md", "x"); p.remove("d/b.md") },
			"File 'docs' content changed", "d: a.md, c.md added, b.md removed",
		},
		{Glob{"docs", "d/*.md"}, Glob{"docs", "d/*.md"}, func(p *project) { p.write("d/a.md", "x") }, "File 'docs' content changed", "d/*.md: d/a.md"},
		{
			PromptFiles{Attr: "ask", Ref: "d/a.md", Paths: []string{"d/a.md", "d/b.md"}},
			PromptFiles{Attr: "ask", Ref: "d/a.md", Paths: []string{"d/a.md", "d/b.md"}},
			func(p *project) { p.write("d/b.md", "x") }, "Prompt 'ask' content changed", "d/a.md: d/b.md",
		},
		{judge("", NamedValue{"temperature", 0.3}), judge("", NamedValue{"temperature", 0.7}), nil, "Model 'judge' temperature changed", "0.3 → 0.7"},
		{judge("", NamedValue{"provider", "sim"}), judge("", NamedValue{"provider", "openai"}), nil, "Model 'judge' provider changed", `"sim" → "openai"`},
		{judge(""), judge("", NamedValue{"seed", 1}), nil, "Model 'judge' seed changed", "not set → 1"},
		{judge("", NamedValue{"seed", 1}), judge(""), nil, "Model 'judge' seed changed", "1 → not set"},
		{judge("a"), judge("b"), nil, "Model 'judge' sysprompt changed", ""},
		{judge("a"), Model{Attr: "judge", Registry: "other", SysPrompt: "a"}, nil, "Model 'judge' name changed", "judge → other"},
		{judge("a"), Model{Attr: "judge", Registry: "jugde", Err: errors.New("no model jugde")}, nil, "Model 'judge' cannot be used", "no model jugde"},
		{Param{"n", 3}, Param{"n", 4}, nil, "Parameter 'n' changed", "3 → 4"},
		{Param{"n", 3}, nil, nil, "Parameter 'n' removed", "3"},
		{nil, Param{"n", 3}, nil, "Parameter 'n' added", "3"},
		{nil, File{"doc", "N.md"}, nil, "Input 'doc' added", "N.md"},
		{File{"doc", "N.md"}, nil, nil, "Input 'doc' removed", "N.md"},
		{decls("1", "2", "3"), decls("1", "9", "3"), nil, "Pipeline code changed", "p.b"},
		{decls("1", "2"), decls("1", "2", "3"), nil, "Pipeline code changed", "p.c added"},
		{decls("1"), Code{Broken: errors.New("pipelines/facts.go:3: expected ')'")}, nil, "Code does not compile", "pipelines/facts.go:3: expected ')'"},
		{nil, decls("1"), nil, "Pipeline code changed", ""},
	} {
		p := newProject(t, map[string]string{"N.md": narrative, "d/a.md": "A", "d/b.md": "B"})
		var was, now []Part
		if c.was != nil {
			was = append(was, p.part(c.was))
		}
		if c.edit != nil {
			c.edit(p)
		}
		if c.now != nil {
			now = append(now, p.part(c.now))
		}
		var got Reason
		reasons := Diff(was, now)
		if len(reasons) > 0 {
			got = reasons[0]
		}
		if len(reasons) > 1 || got.Text != c.text || got.Detail != c.detail {
			t.Errorf("%v → %v: got %q, want %q (%s)", c.was, c.now, reasons, c.text, c.detail)
		}
		if same := Digest(was) == Digest(now) && Digest(now) != ""; same != (c.text == "") {
			t.Errorf("%v → %v: equal digests: %v, reasons: %q", c.was, c.now, same, reasons)
		}
	}
}

func TestManyChangedPiecesAreCounted(t *testing.T) {
	p := newProject(t, map[string]string{"d/x": ""})
	before := p.part(Dir{"d", "d"})
	for i := range 9 {
		p.write("d/"+string(rune('a'+i)), "new")
	}
	got := Diff([]Part{before}, []Part{p.part(Dir{"d", "d"})})[0].Detail
	if want := "d: a added, b added, c added, d added, e added, 4 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParametersWithEqualJSONAreEqual(t *testing.T) {
	p := newProject(t, nil)
	type mix struct{ B, A int }
	a, b := p.part(Param{"mix", mix{2, 1}}), p.part(Param{"mix", map[string]any{"A": 1, "B": 2}})
	if !a.same(&b) {
		t.Errorf("%+v and %+v differ", a, b)
	}
	if _, err := (Param{"f", func() {}}).Part(p.Reader); err == nil {
		t.Error("a function has a JSON form")
	}
	if _, err := (Model{Attr: "m", Fields: []NamedValue{{"a", 1}, {"a", 2}}}).Part(p.Reader); err == nil {
		t.Error("a model has two fields of one name")
	}
}
