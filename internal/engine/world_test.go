package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/sources"
)

// A world is a random project, and what the oracle knows of it.
type world struct {
	*testing.T
	dir   string
	r     *rand.Rand
	model *counted
	log   []string // what was done so far

	specs  []*spec // what is needed before what needs it; the first is the system prompt
	files  map[string]string
	seeds  map[string][]input
	models map[string]*modelSpec

	built   map[*spec]*built
	failed  map[*spec]string // inputs of the last attempt
	edits   map[*spec]handEdit
	tables  map[*spec]bool // there is a record table
	pins    map[*spec]map[string]row
	rerolls map[*spec]map[string]int
	seen    map[string]bool // answered requests, each with its count of rerolls
	vague   map[string]bool // requests of which it is not known which reroll was answered
}

// A built target is what the oracle remembers of its last build.
type built struct {
	inputs, output string
	rows           []row
	partial        bool
	known          bool // what was written is; else it is about to be
}

// A handEdit is how a person changed an output.
type handEdit struct {
	rows  map[string]row
	other bool // rows taken out, or lines that are none
}

type modelSpec struct {
	id   string
	heat *float64
}

// A spec is a random target.
type spec struct {
	name         string
	kind         graph.Kind
	file         string // of its records, if it has no source
	from, beside *spec
	model        string
	word, code   string
	minimal      bool
}

// An input is one record as a random pipeline reads it.
type input struct {
	ID      string `json:"id,omitempty"`
	Text    string `json:"text"`
	Context string `json:"context,omitempty"`
}

const (
	self         = "x-dev-full"
	noteFile     = "prompts/note.md"
	identityFile = "identity/IDENTITY.md"
	templateFile = "identity/templates/full.txt.j2"
	sysPrompt    = "identity/versions/dev/sysprompts/full"

	tolerance = 0.4 // share of records that may fail
)

// codes are what the code of a pipeline may do; "same" is "plain" with other
// words.
var (
	codesOfPipelines = []string{"plain", "same", "loud", "twice"}
	seedTexts        = []string{"apple", "berry", "cherry", "date", "elder", "fig", "skip this", "fail this", "refuse this", "lost things"}
	words            = []string{"taste", "colour"}
	notes            = []string{"Tell the {{ word }} of {{ text }}. {{ context }}", "What {{ word }} has {{ text }}? {{ context }}"}
	identities       = []string{"I am a gardener.", "I am a gardener. \n", "I am a cook."}
	templates        = []string{"You are this: {{ IDENTITY | trim }}", "Be this: {{ IDENTITY | trim }}"}
	seedFiles        = []string{"a.jsonl", "b.jsonl"}
)

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		T: t, dir: t.TempDir(), r: rand.New(rand.NewPCG(seed, 1)), model: newCounted(),
		files: map[string]string{}, seeds: map[string][]input{},
		models: map[string]*modelSpec{"plain": {id: "sim/one"}, "other": {id: "sim/two"}, self: {id: "sim/one"}},
		built:  map[*spec]*built{}, failed: map[*spec]string{}, edits: map[*spec]handEdit{}, tables: map[*spec]bool{},
		pins: map[*spec]map[string]row{}, rerolls: map[*spec]map[string]int{}, seen: map[string]bool{}, vague: map[string]bool{},
	}
	w.specs = []*spec{{name: sysPrompt, kind: graph.Prompt}}
	for i := range 2 + w.r.IntN(4) {
		w.specs = append(w.specs, w.newSpec(fmt.Sprint("t", i)))
	}
	for _, name := range seedFiles {
		w.sow(name)
	}
	w.put(noteFile, pick(w, notes))
	w.put(identityFile, pick(w, identities))
	w.put(templateFile, pick(w, templates))
	w.configure()
	return w
}

func pick[T any](w *world, from []T) T { return from[w.r.IntN(len(from))] }

func (w *world) newSpec(name string) *spec {
	s := &spec{name: name, kind: graph.Dataset, file: pick(w, seedFiles), word: pick(w, words), code: pick(w, codesOfPipelines), minimal: w.r.IntN(2) == 0}
	s.model = pick(w, []string{"plain", "other", self})
	if w.r.IntN(2) == 0 {
		s.kind = graph.Table
	}
	if others := w.specs[1:]; len(others) > 0 {
		if w.r.IntN(3) > 0 {
			s.from, s.file = pick(w, others), ""
		}
		if w.r.IntN(4) == 0 {
			s.beside = pick(w, others)
		}
	}
	if s.beside == s.from {
		s.beside = nil
	}
	return s
}

// sow writes a file of records: some of the texts, in any order. Half of them
// bring ids.
func (w *world) sow(name string) {
	var rows []input
	var lines strings.Builder
	for _, i := range w.r.Perm(len(seedTexts))[:1+w.r.IntN(6)] {
		one := input{Text: seedTexts[i]}
		if i%2 == 0 {
			one.ID = fmt.Sprint("s", i)
		}
		line, err := json.Marshal(one)
		if err != nil {
			w.Fatal(err)
		}
		rows = append(rows, one)
		fmt.Fprintf(&lines, "%s\n", line)
	}
	w.seeds[name] = rows
	w.put(name, lines.String())
}

// configure writes isf.yaml.
func (w *world) configure() {
	heat := func(name string) string {
		if h := w.models[name].heat; h != nil {
			return fmt.Sprintf(", temperature: %v", *h)
		}
		return ""
	}
	var text strings.Builder
	text.WriteString("project: {name: X}\nretry: {tries: 1}\n")
	fmt.Fprintf(&text, "identity: {prefix: x, provider: sim, model: %s, variants: [full]%s}\nmodels:\n", w.models[self].id, heat(self))
	for _, name := range []string{"plain", "other"} {
		fmt.Fprintf(&text, "  %s: {provider: sim, model: %s%s}\n", name, w.models[name].id, heat(name))
	}
	w.write("isf.yaml", text.String())
}

func (w *world) put(name, text string) {
	w.files[name] = text
	w.write(name, text)
}

func (w *world) write(name, text string) {
	name = filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		w.Fatal(err)
	}
}

func (w *world) remove(names ...string) {
	for _, name := range names {
		delete(w.files, name)
		if err := os.RemoveAll(filepath.Join(w.dir, name)); err != nil {
			w.Fatal(err)
		}
	}
}

func (s *spec) target() string {
	if s.kind == graph.Prompt {
		return s.name
	}
	return targetName(s.name)
}

func (s *spec) output() string {
	if s.kind == graph.Prompt {
		return s.name + ".txt"
	}
	return s.target() + ".jsonl"
}

func (s *spec) decisions() string { return decisionsPath(s.output()) }

// steps is how many requests a record takes.
func (s *spec) steps() int {
	if s.code == "twice" {
		return 2
	}
	return 1
}

// open begins a new process in the project.
func (w *world) open() (*Project, *graph.Reader) {
	var all []*Pipeline
	for _, s := range w.specs[1:] {
		all = append(all, s.pipeline())
	}
	p, err := Open(w.dir, all, nil)
	if err != nil {
		w.Fatal(err)
	}
	p.sim = w.model
	r, err := graph.NewReader(w.dir, StateDir+"/stat")
	if err != nil {
		w.Fatal(err)
	}
	return p, r
}

func (s *spec) pipeline() *Pipeline {
	field := func(name string, of any, tag string) reflect.StructField {
		return reflect.StructField{Name: name, Type: reflect.TypeOf(of), Tag: reflect.StructTag(fmt.Sprintf("isf:%q", tag))}
	}
	fields := []reflect.StructField{field("Note", Prompt(""), noteFile), field("Model", Model(""), s.model), field("Word", "", s.word)}
	if s.from == nil {
		fields = append(fields, field("Seeds", File(""), s.file))
	} else {
		fields = append(fields, field("From", Target(""), s.from.name))
	}
	if s.beside != nil {
		fields = append(fields, field("Beside", Target(""), s.beside.name))
	}
	return &Pipeline{
		Name: s.name, Kind: s.kind, Self: reflect.New(reflect.StructOf(fields)).Interface(), Run: s.rows,
		Minimal: s.minimal, MaxErrorRate: tolerance, Version: s.code,
	}
}

// rows is the pipeline itself.
func (s *spec) rows(b *Build) Rows {
	in := From(b, func(yield func(any, error) bool) {
		context := ""
		if s.beside != nil {
			Read(b, Target(s.beside.name), sources.Query{}, readInput)(nil, func(r Record) bool {
				context += r.Value.(input).Text + ";"
				return true
			})
		}
		src := Source(File(s.file))
		if s.from != nil {
			src = Target(s.from.name)
		}
		Read(b, src, sources.Query{}, readInput)(nil, func(r Record) bool {
			one := r.Value.(input)
			one.Context = context
			return yield(one, nil)
		})
	})
	return Each(b, "ask", in, func(t *Task, v any) ([]any, error) { return s.record(t, v.(input)) })
}

// readInput reads a seed, a row of a table, or a sample.
func readInput(text []byte) (any, error) {
	var v struct {
		ID, Text string
		Messages []Message
	}
	err := json.Unmarshal(text, &v)
	if n := len(v.Messages); n > 0 {
		v.Text = v.Messages[n-1].Content
	}
	return input{ID: v.ID, Text: v.Text}, err
}

func (s *spec) record(t *Task, in input) ([]any, error) {
	if strings.Contains(in.Text, "skip") {
		return nil, &SkipError{"as told"}
	}
	ask, err := t.Render(Prompt(noteFile).With(map[string]string{"word": s.word, "text": in.Text, "context": in.Context}))
	if err != nil {
		return nil, err
	}
	said := Messages{{Role: "user", Content: ask}}
	var answer Message
	for range s.steps() {
		r, err := t.Ask(Model(s.model), said)
		if err != nil {
			return nil, err
		}
		answer = r.Message()
		said = append(said, answer, Message{Role: "user", Content: "again"})
	}
	if strings.Contains(in.Text, "fail") {
		return nil, &KindError{"told_to", "it says so"}
	}
	if s.code == "loud" {
		answer.Content = strings.ToUpper(answer.Content)
	}
	if s.kind == graph.Dataset {
		return []any{&Sample{ID: t.record.ID, Messages: Messages{said[0], answer}}}, nil
	}
	return []any{tableOut{t.record.ID, ask, answer.Content}}, nil
}

// A tableOut is a row of a random table.
type tableOut struct {
	ID   string `json:"id"`
	Ask  string `json:"ask"`
	Text string `json:"text"`
}

// readRows reads what a target's users see of its output.
func (w *world) readRows(s *spec) (rows []row) {
	text, err := os.ReadFile(filepath.Join(w.dir, s.output()))
	if err != nil {
		w.Fatal(err)
	}
	if s.kind == graph.Prompt {
		return []row{{Text: string(text)}}
	}
	for line := range strings.Lines(string(text)) {
		var v struct {
			tableOut
			Messages []Message
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			w.fail("%s has the line %q: %v", s.output(), line, err)
		}
		if s.kind == graph.Dataset {
			v.Ask, v.Text = v.Messages[0].Content, v.Messages[1].Content
		}
		rows = append(rows, row{v.ID, v.Ask, v.Text})
	}
	return rows
}

// did notes a step for whoever has to understand a failure.
func (w *world) did(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func (w *world) fail(format string, args ...any) {
	w.Helper()
	for _, s := range w.specs[1:] {
		w.Logf("%+v, needs %v", *s, names(w.needs(s)))
	}
	w.Logf("what was done:\n  %s", strings.Join(w.log, "\n  "))
	w.Fatalf(format, args...)
}

func names(specs []*spec) (out []string) {
	for _, s := range specs {
		out = append(out, s.name)
	}
	return out
}

// ids are the ids of a target's rows.
func (b *built) ids() (ids []string) {
	for _, r := range b.rows {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
