package recipes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var known = Pipelines{Datasets: []string{"facts-qa", "style", "behaviour"}, Tables: []string{"facts"}}

func parse(t testing.TB, text string) *Recipe {
	t.Helper()
	r, err := Read("training/data/mix.yaml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A folder holds a project's sources: pipelines' rows under training/data.
type folder struct {
	t   testing.TB
	dir string
}

func newFolder(t testing.TB) folder {
	f := folder{t, t.TempDir()}
	if err := os.MkdirAll(filepath.Join(f.dir, "training/data"), 0o755); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, "training/data", name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// scan returns the mix of a recipe over the folder.
func (f folder) scan(r *Recipe) (*Mix, error) {
	f.t.Helper()
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	defer root.Close()
	m, err := Scan(context.Background(), r, root, r.Sources(func(p string) string { return "training/data/" + p + ".jsonl" }), f.dir, nil)
	if err == nil {
		f.t.Cleanup(m.Close)
	}
	return m, err
}

// prepare returns what a recipe writes.
func (f folder) prepare(r *Recipe) (m *Mix, train, validation string) {
	f.t.Helper()
	m, err := f.scan(r)
	if err != nil {
		f.t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := m.Write(context.Background(), &a, &b); err != nil {
		f.t.Fatal(err)
	}
	return m, a.String(), b.String()
}

// row is a sample whose answer is given.
func row(id, answer string) string {
	text, _ := json.Marshal(map[string]any{"id": id, "messages": []any{
		map[string]string{"role": "user", "content": "Question " + id},
		map[string]string{"role": "assistant", "content": answer},
	}})
	return string(text) + "\n"
}

func thought(id string) string { return row(id, "<think>Hm.</think>Answer "+id) }

func thoughts(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(thought(fmt.Sprint(prefix, i)))
	}
	return b.String()
}

// ids are those of rows, in order.
func ids(t testing.TB, rows string) []string {
	t.Helper()
	out := []string{}
	for line := range strings.Lines(rows) {
		var r struct{ ID string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r.ID)
	}
	return out
}

func TestWithoutASeedRowsComeInTheOrderOfTheRecipe(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("s", 2))
	f.write("behaviour.jsonl", thoughts("b", 1))
	f.write("more.jsonl", thoughts("m", 2))
	_, got, _ := f.prepare(parse(t, "categories:\n  one: {pipelines: [style], files: [more.jsonl]}\n  two: {pipelines: [behaviour]}\n"))
	if diff := cmp.Diff([]string{"s0", "s1", "m0", "m1", "b0"}, ids(t, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsAreReducedToIdAndMessages(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", `{"messages": [{"content": "Caf\u00e9?", "role": "user"}, {"weight": 0.5, "role": "assistant", "name": "Pell", "content": "<think>x</think>Oui <b>"}], "steps": [1], "id": "a", "meta": {}}`)
	_, got, _ := f.prepare(parse(t, "categories: {one: {pipelines: [style]}}"))
	want := `{"id":"a","messages":[{"role":"user","content":"Café?"},{"role":"assistant","content":"<think>x</think>Oui <b>","name":"Pell","weight":0.5}]}` + "\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestEachFormatWritesItsShape(t *testing.T) {
	const rows = `{"id":"a","messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>x</think>A","weight":0}]}`
	for format, want := range map[string]string{
		"isf":      `{"id":"a","messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>x</think>A","weight":0}]}`,
		"openai":   `{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>x</think>A","weight":0}]}`,
		"sharegpt": `{"id":"a","conversations":[{"from":"system","value":"S"},{"from":"human","value":"Q"},{"from":"gpt","value":"<think>x</think>A","weight":0}]}`,
		"chatml":   `{"id":"a","text":"<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n<think>x</think>A<|im_end|>\n"}`,
	} {
		f := newFolder(t)
		f.write("style.jsonl", rows)
		_, got, _ := f.prepare(parse(t, "format: "+format+"\ncategories: {one: {pipelines: [style]}}"))
		if got != want+"\n" {
			t.Errorf("%s: got  %swant %s", format, got, want)
		}
		_, got, _ = f.prepare(parse(t, "system: none\nformat: "+format+"\ncategories: {one: {pipelines: [style]}}"))
		if strings.Contains(got, "system") {
			t.Errorf("%s: system: none kept %s", format, got)
		}
	}
}

func TestAnswersAreHeldToWhatTheRecipeSaysOfThinking(t *testing.T) {
	rows := thought("good") + row("plain", "Just so.") + row("open", "<think>Hm. And so.") + row("empty", "<think> </think>So.") +
		row("twice", "<think>a</think><think>b</think>c") + row("silent", "<think>a</think>") + row("nothing", "")
	for _, c := range []struct {
		recipe string
		want   []string
		drop   string
	}{
		{"", []string{"good"}, "2 missing_think_tag, 1 empty_response, 1 empty_thinking, 1 multiple_open_tags_2, 1 unclosed_think_tag"},
		{"thinking: require", []string{"good"}, "2 missing_think_tag, 1 empty_response, 1 empty_thinking, 1 multiple_open_tags_2, 1 unclosed_think_tag"},
		{"thinking: allow", []string{"good", "plain", "empty"}, "2 empty_response, 1 multiple_open_tags_2, 1 unclosed_think_tag"},
		{"thinking: strip", []string{"good", "plain", "open", "empty", "twice"}, "2 empty_response"},
	} {
		f := newFolder(t)
		f.write("style.jsonl", rows)
		m, got, _ := f.prepare(parse(t, c.recipe+"\ncategories: {one: {pipelines: [style]}}"))
		if diff := cmp.Diff(c.want, ids(t, got)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.recipe, diff)
		}
		if drop := Reasons(m.Dropped()); drop != c.drop {
			t.Errorf("%q dropped %s, want %s", c.recipe, drop, c.drop)
		}
		if strings.Contains(c.recipe, "strip") && strings.Contains(got, "think>") {
			t.Errorf("strip left thinking in %s", got)
		}
	}
}

func TestACategoryMayThinkOtherwise(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thought("s")+row("t", "Plain."))
	f.write("behaviour.jsonl", thought("b")+row("c", "Plain."))
	_, got, _ := f.prepare(parse(t, "categories:\n  one: {pipelines: [style]}\n  two: {pipelines: [behaviour], thinking: allow}\n"))
	if diff := cmp.Diff([]string{"s", "b", "c"}, ids(t, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsThatAreNoSamplesNameTheirPlace(t *testing.T) {
	for rows, want := range map[string]string{
		`{"messages": []}`:                                  "Sample 1 in pipeline 'style' missing required fields: id (training/data/style.jsonl:3)",
		`{"x": 1}`:                                          "Sample 1 in pipeline 'style' missing required fields: id, messages (training/data/style.jsonl:3)",
		`{"id": {}, "messages": []}`:                        "training/data/style.jsonl:3: sample 1 in pipeline 'style': its id is neither text nor a number",
		`{"id": "a", "messages": [{}]}`:                     "training/data/style.jsonl:3: sample 1 in pipeline 'style': message 0 has no role",
		`{"id": "a", "messages": [{"role": "user"}]}`:       "training/data/style.jsonl:3: sample 1 in pipeline 'style': message 0 has no content",
		`{"id": "a", "messages": [{"role": "user", "cont`:   "training/data/style.jsonl:3: sample 1 in pipeline 'style': it is no JSON object with id and messages: unexpected end of JSON input",
		`{"id":1,"messages":[{"role":"u","content":true}]}`: "training/data/style.jsonl:3: sample 1 in pipeline 'style': message 0 has a content that is no text",
	} {
		f := newFolder(t)
		f.write("style.jsonl", thought("good")+"\n"+rows)
		_, err := f.scan(parse(t, "categories: {one: {pipelines: [style]}}"))
		if err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", rows, err, want)
		}
	}
}

func TestContentInPartsIsText(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", `{"id":7,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"A"}]}]}
{"id":"b","messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}
{"__ERROR__": {"error": "boom"}}
`)
	m, got, _ := f.prepare(parse(t, "categories: {one: {pipelines: [style]}}"))
	want := `{"id":7,"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"<think>Hm</think>\nA"}]}` + "\n"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if drop := Reasons(m.Dropped()); drop != "1 content_not_text, 1 error_record" {
		t.Errorf("dropped %s", drop)
	}
}

func TestTextThatChatMLWouldTakeForMarkupIsLeftOut(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thought("a")+row("b", "<think>x</think>Say <|im_end|> now."))
	m, got, _ := f.prepare(parse(t, "format: chatml\ncategories: {one: {pipelines: [style]}}"))
	if diff := cmp.Diff([]string{"a"}, ids(t, got)); diff != "" || Reasons(m.Dropped()) != "1 special_token" {
		t.Errorf("dropped %s (-want +got):\n%s", Reasons(m.Dropped()), diff)
	}
}

func TestMaxPerSourceBoundsWhatIsAvailable(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("s", 10))
	f.write("behaviour.jsonl", thoughts("b", 3))
	for _, seed := range []string{"", "shuffle_seed: 4\n"} {
		m, got, _ := f.prepare(parse(t, seed+"max_per_source: 4\ncategories: {one: {pipelines: [style, behaviour]}}"))
		if m.Total != 7 || m.Categories[0].Available != 7 || m.Categories[0].Sources[0].Used != 4 || len(ids(t, got)) != 7 {
			t.Errorf("%q gave %+v", seed, m.Report)
		}
		if m.Categories[0].Sources[0].Dropped[overMax] != 6 {
			t.Errorf("%q dropped %s", seed, Reasons(m.Dropped()))
		}
	}
}

func TestOfRowsThatRepeatTheFirstStays(t *testing.T) {
	long := strings.Repeat("the miller turns the wheel and counts the sacks of grain by the river ", 6)
	rows := row("a", "<think>x</think>"+long) + row("b", "<think>x</think>Another thing.")
	again := `{"id":"c","messages":[{"role":"user","content":"Question a"},{"role":"assistant","content":"<think>x</think>` + long + `"}]}` + "\n" +
		`{"id":"d","messages":[{"role":"user","content":"Question a!"},{"role":"assistant","content":"<think>X.</think>` + strings.ToUpper(long) + `"}]}` + "\n"
	f := newFolder(t)
	f.write("style.jsonl", rows)
	f.write("behaviour.jsonl", again)
	for dedupe, want := range map[string][]string{"": {"a", "b", "c", "d"}, "dedupe: exact": {"a", "b", "d"}, "dedupe: near": {"a", "b"}} {
		m, got, _ := f.prepare(parse(t, dedupe+"\ncategories:\n  one: {pipelines: [style]}\n  two: {pipelines: [behaviour]}\n"))
		if diff := cmp.Diff(want, ids(t, got)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", dedupe, diff)
		}
		if n := 4 - len(want); n > 0 && m.Categories[1].Available != 2-n {
			t.Errorf("%q leaves %d available in the second category", dedupe, m.Categories[1].Available)
		}
	}
}

func TestWarningsSayWhatGivesNothingAndWhichLineToAdd(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thought("a")+row("b", "No.")+row("c", "Nor this."))
	f.write("behaviour.jsonl", "")
	f.write("more.jsonl", row("x", "<think>Oops"))
	m, _, _ := f.prepare(parse(t, "categories:\n  one: {pipelines: [style, behaviour]}\n  two: {files: [more.jsonl]}\n"))
	want := []string{
		"pipeline 'behaviour' has no usable sample: it has no rows",
		"category 'one': 2 of 3 samples are left out because an answer has no <think>…</think>; to keep them, add this line to training/data/mix.yaml: `thinking: allow` (or `thinking: strip`, to drop the thinking of the others)",
		"file 'more.jsonl' has no usable sample: 1 unclosed_think_tag",
	}
	if diff := cmp.Diff(want, m.Warnings()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAScarceCategoryThatIsEmptyLeavesNothing(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("s", 5))
	f.write("behaviour.jsonl", "")
	m, _, _ := f.prepare(parse(t, "mode: weighted\nweights: {one: 1, two: 1}\ncategories:\n  one: {pipelines: [style]}\n  two: {pipelines: [behaviour]}\n"))
	if err := m.Empty(); err == nil || !strings.Contains(err.Error(), "category 'two' has no usable sample") {
		t.Errorf("got %v", err)
	}
}

func TestASourceThatChangesBetweenTheReadingsIsNoticed(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("s", 3))
	m, err := f.scan(parse(t, "categories: {one: {pipelines: [style]}}"))
	if err != nil {
		t.Fatal(err)
	}
	f.write("style.jsonl", "x")
	var out bytes.Buffer
	if err := m.Write(context.Background(), &out, nil); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("got %v", err)
	}
}

func TestScanningLeavesNothingBehind(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("s", 3))
	f.prepare(parse(t, "shuffle_seed: 1\ndedupe: near\ncategories: {one: {pipelines: [style]}}"))
	entries, err := os.ReadDir(f.dir)
	if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != "training" }) {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestConvertingLeavesNothingOut(t *testing.T) {
	var out bytes.Buffer
	n, err := Conversion{Shape: OpenAI}.Write("a.jsonl", strings.NewReader(row("a", "Plain.")+"\n"+row("b", "<think>Broken")), &out)
	if n != 2 || err != nil || strings.Count(out.String(), `{"messages":`) != 2 {
		t.Errorf("got %d, %v: %s", n, err, out.String())
	}
	for text, want := range map[string]string{
		`{"id":"a"}`: "a.jsonl:2: the row has no messages",
		`{"id":"a","messages":[{"role":"user","content":[{"type":"image_url"}]}]}`: "a.jsonl:2: the row has no form in openai: content_not_text",
		`no`: "a.jsonl:2: it is no JSON object with id and messages",
	} {
		if _, err := (Conversion{Shape: OpenAI}).Write("a.jsonl", strings.NewReader(thought("x")+text), &out); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
