package prompts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func TestNothingOutsideOfTheFolderIsRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret.txt":         "secret",
		"t/here.j2":          "here",
		"t/up.j2":            "{% include '../secret.txt' %}",
		"t/sub/up.j2":        "{% include 'sub/../../secret.txt' %}",
		"t/absolute.j2":      "{% include '" + filepath.ToSlash(dir) + "/secret.txt' %}",
		"t/link.j2":          "{% include 'out.j2' %}",
		"t/folder.j2":        "{% include 'outside/secret.txt' %}",
		"t/extends.j2":       "{% extends '../secret.txt' %}",
		"t/import.j2":        "{% import '../secret.txt' as s %}{{ s }}",
		"t/quiet.j2":         "{% include '../secret.txt' ignore missing %}",
		"t/sub/relative.j2":  "{% include 'here.j2' %}",
		"t/sub/here.j2":      "not this one",
		"t/inner.j2":         "{% include 'inside.j2' %}",
		"t/sub/deep/leaf.j2": "leaf",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	links := os.Symlink(filepath.Join(dir, "secret.txt"), filepath.Join(dir, "t", "out.j2"))
	links = errors.Join(links, os.Symlink(dir, filepath.Join(dir, "t", "outside")), os.Symlink("here.j2", filepath.Join(dir, "t", "inside.j2")))
	e, err := New(filepath.Join(dir, "t"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, name := range []string{"up.j2", "sub/up.j2", "absolute.j2", "link.j2", "folder.j2", "extends.j2", "import.j2", "../secret.txt", "sub/../../secret.txt", `..\secret.txt`, ""} {
		got, err := e.Render(name, nil)
		if err == nil || strings.Contains(got, "secret") {
			t.Errorf("%s: got %q, %v, want an error", name, got, err)
		}
	}
	if got, err := e.Render("quiet.j2", nil); err != nil || got != "" {
		t.Errorf("quiet.j2: got %q, %v, want nothing", got, err)
	}
	if got, err := e.Render("sub/relative.j2", nil); err != nil || got != "here" {
		t.Errorf("an include resolved to %q, %v, want that of the folder itself", got, err)
	}
	if links != nil {
		t.Skipf("links were not tested: %v", links)
	}
	if got, err := e.Render("inner.j2", nil); err != nil || got != "here" {
		t.Errorf("a link inside of the folder: got %q, %v", got, err)
	}
}

func TestErrorsNameTemplateAndLineAndNeverQuoteTheSource(t *testing.T) {
	e := engine(t, map[string]string{
		"syntax.j2":  "private words\n\n{% if x %}private words\n",
		"runtime.j2": "private words\n{{ 'ok' }}\n\n{{ nope.x }} private words",
		"outer.j2":   "\n\n\n{% include 'runtime.j2' %}",
		"macro.j2":   "{% macro m() %}\n\n{{ 1 / 0 }}{% endmacro %}\n\n{{ m() }}",
		"filter.j2":  "private words\n{{ x | uppper }}",
		"missing.j2": "\n{% include 'none.j2' %}",
	})
	for name, want := range map[string]string{
		"syntax.j2":  "syntax.j2:4: the template ends where 'elif' or 'else' or 'endif' is due: 'if' is not closed",
		"runtime.j2": "runtime.j2:4: 'nope' is undefined",
		"outer.j2":   "runtime.j2:4: 'nope' is undefined",
		"macro.j2":   "macro.j2:3: division by zero",
		"filter.j2":  "filter.j2:2: no filter named 'uppper'; did you mean 'upper'?",
		"missing.j2": "missing.j2:2: no template 'none.j2' to include",
	} {
		_, err := e.Render(name, nil)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	_, err := e.RenderString("a\n{{ b.c }}", nil)
	if want := "<template>:2: 'b' is undefined"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := e.Render("none.j2", nil); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "none.j2: file does not exist in ") {
		t.Errorf("got %v", err)
	}
}

func TestFilesAreTheTemplateAndAllThatItMayLoad(t *testing.T) {
	e := engine(t, map[string]string{
		"full.j2":     "{% extends 'base.j2' %}{% block a %}{% if x %}{% include 'z/part.j2' %}{% endif %}{% include ['b.j2', 'none.j2'] ignore missing %}{% endblock %}",
		"base.j2":     "{% from 'macros.j2' import m %}{% include 'full.j2' if false else 'b.j2' %}",
		"macros.j2":   "{% import 'b.j2' as b %}{% macro m() %}{% endmacro %}",
		"z/part.j2":   "{% include 'z/part.j2' %}",
		"b.j2":        "",
		"unused.j2":   "",
		"computed.j2": "{% include name ~ '.j2' %}",
		"broken.j2":   "{% if %}",
		"uses.j2":     "{% include 'broken.j2' %}",
	})
	for name, want := range map[string][]string{
		"full.j2":     {"full.j2", "b.j2", "base.j2", "macros.j2", "none.j2", "z/part.j2"},
		"b.j2":        {"b.j2"},
		"computed.j2": {"computed.j2", "b.j2", "base.j2", "broken.j2", "full.j2", "macros.j2", "unused.j2", "uses.j2", "z/part.j2"},
	} {
		got, err := e.Files(name)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
	}
	for _, name := range []string{"broken.j2", "uses.j2", "none.j2"} {
		if got, err := e.Files(name); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

func TestWantsAreTheVariablesThatATemplateDoesNotSetItself(t *testing.T) {
	e := engine(t, map[string]string{
		"full.j2": "{% import 'm.j2' as m %}{% set a = b %}{{ a }}{% for i, (j, k) in list.of %}{{ loop.index + i + j + k }}{% endfor %}" +
			"{{ m.x(b, key=c) | join(d) }}{% macro f(p, q=e) %}{{ p ~ q ~ varargs }}{% endmacro %}{% include 'part.j2' %}{{ range(3) }}{% if none is g %}{% endif %}",
		"m.j2":    "{% macro x(y) %}{{ y }}{% endmacro %}",
		"part.j2": "{{ h.i[j] }}",
	})
	got, err := e.Wants("full.j2")
	if want := []string{"b", "list", "c", "d", "e", "h", "j"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestTemplatesSeeTheJSONOfAValueInItsOrder(t *testing.T) {
	type fact struct {
		Text   string             `json:"text"`
		Score  float64            `json:"score"`
		Count  int                `json:"count"`
		Hidden string             `json:"-"`
		Inner  struct{ B, A int } `json:"inner"`
		Tags   []string           `json:"tags"`
		Ref    *int               `json:"ref"`
		Whole  float64            `json:"whole"`
		Large  uint64             `json:"large"`
	}
	ctx, err := FromJSON(fact{Text: "<a> & b", Score: 0.5, Count: 3, Hidden: "x", Tags: []string{"t"}, Whole: 2, Large: 1 << 63})
	if err != nil {
		t.Fatal(err)
	}
	e := engine(t, nil)
	got, err := e.RenderString("{{ text }} {{ score }} {{ count }} {{ Hidden }} {{ inner }} {{ tags }} {{ ref }} {{ whole }} {{ large }}", ctx)
	if want := "<a> & b 0.5 3  {'B': 0, 'A': 0} ['t'] None 2 9223372036854775808"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := FromJSON([]int{1}); err == nil {
		t.Error("a list was taken for variables")
	}
	if _, err := FromJSON(func() {}); err == nil {
		t.Error("a function was taken for variables")
	}
}

func TestGoValuesAreSeenAsJSON(t *testing.T) {
	m := NewMap()
	m.Set("z", 1)
	m.Set("a", []string{"x"})
	ctx := map[string]any{
		"map": m, "plain": map[string]any{"b": 1, "a": 2}, "ints": []int{1, 2},
		"at": struct {
			Name string `json:"name"`
		}{"n"}, "n": int8(5), "nil": nil,
	}
	got, err := engine(t, nil).RenderString("{{ map }} {{ plain }} {{ ints }} {{ at.name }} {{ n + 1 }} {{ nil }}", ctx)
	if want := "{'z': 1, 'a': ['x']} {'a': 2, 'b': 1} [1, 2] n 6 None"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestRenderingChangesNeitherTemplatesNorContext(t *testing.T) {
	e := engine(t, map[string]string{"a.j2": "{% set _ = list.append(3) %}{% set _ = d.update({'b': 1}) %}{{ list }}{{ d }}"})
	d := NewMap()
	d.Set("a", 0)
	ctx := map[string]any{"list": []any{int64(1)}, "d": d}
	for range 2 {
		got, err := e.Render("a.j2", ctx)
		if want := "[1, 3]{'a': 0, 'b': 1}"; err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

func TestManyGoroutinesRenderTheSameTemplate(t *testing.T) {
	g := readGolden(t, filepath.Join("testdata", "cases.json"))
	e := engine(t, g.Templates)
	ctx, err := FromJSON(g.Context)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, c := range g.Cases[:60] {
				if got, err := e.Render(c.Template, ctx); c.Error == "" && (err != nil || got != c.Expected) {
					t.Errorf("%s: got %q, %v", c.Template, got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestATemplateThatNeverEndsIsAnError(t *testing.T) {
	e := engine(t, map[string]string{
		"self.j2":   "{% include 'self.j2' %}",
		"parent.j2": "{% extends 'parent.j2' %}",
		"macro.j2":  "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
		"deep.j2":   "{{ " + strings.Repeat("(", 2_000) + "1" + strings.Repeat(")", 2_000) + " }}",
		"minus.j2":  "{{ " + strings.Repeat("-", 2_000) + "1 }}",
		"not.j2":    "{{ " + strings.Repeat("not ", 2_000) + "1 }}",
		"ifs.j2":    strings.Repeat("{% if 1 %}", 2_000),
		"long.j2":   "{{ 'a' * 10 ** 12 }}",
		"power.j2":  "{{ 10 ** (10 ** 10) }}",
		"range.j2":  "{{ range(10 ** 12) | list }}",
		"width.j2":  "{{ '%1000000000d' % 1 }}",
		"pad.j2":    "{{ 'a'.center(10 ** 12) }}",
	})
	for _, name := range []string{"self.j2", "parent.j2", "macro.j2", "deep.j2", "minus.j2", "not.j2", "ifs.j2", "long.j2", "power.j2", "range.j2", "width.j2", "pad.j2"} {
		if _, err := e.Render(name, nil); err == nil {
			t.Errorf("%s rendered", name)
		}
	}
}

func TestAFolderThatIsMissingHasNoTemplates(t *testing.T) {
	e, err := New(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := e.Render("a.j2", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if got, err := e.RenderString("{{ 1 }}", nil); err != nil || got != "1" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestATemplateThatIsNotTextIsAnError(t *testing.T) {
	e := engine(t, map[string]string{"a.j2": "\xff"})
	if _, err := e.Render("a.j2", nil); err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("got %v", err)
	}
}

// A prompt of the usual size: a dozen variables, a loop, a few filters.
func BenchmarkRenderSmallPrompt(b *testing.B) {
	e := engine(b, map[string]string{"p.md": "You know {{ project.name }}.\n\n{% for d in docs %}## {{ loop.index }}. {{ d.title | title }}\n\n{{ d.text | trim }}\n{% endfor %}\n{% if strict %}Answer in {{ n }} words.{% else %}Answer.{% endif %}\n"})
	ctx := map[string]any{
		"project": map[string]any{"name": "the mill"}, "strict": true, "n": int64(5),
		"docs": []any{map[string]any{"title": "one", "text": " a "}, map[string]any{"title": "two", "text": " b "}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Render("p.md", ctx); err != nil {
			b.Fatal(err)
		}
	}
}
