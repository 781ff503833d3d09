package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/identity-shaping/isf"
)

// The port is the project of testdata/toolkit, which has the shape of one made
// for the Python toolkit, with its pipelines in Go.

type assertions struct {
	Identity isf.Model `isf:"orla-release-short"`
}

func (p *assertions) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "answer", isf.Of(b, topic{ID: "assert-1", Question: "You are a man."}), answering(p.Identity))
}

func answering(m isf.Model) func(*isf.Task, topic) ([]*isf.Sample, error) {
	return func(t *isf.Task, s topic) ([]*isf.Sample, error) {
		r, err := t.Ask(m, isf.Text(s.Question))
		if err != nil {
			return nil, err
		}
		return isf.One(isf.NewSample(isf.User(s.Question), r.Message()))
	}
}

type seeded struct {
	Seeds    isf.File  `isf:"data/pushback.jsonl"`
	Identity isf.Model `isf:"orla-dev-full"`
}

func (p *seeded) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "answer", isf.Read[topic](b, p.Seeds), answering(p.Identity))
}

// unseeded reads a file that the project has lost.
type unseeded struct {
	Notes isf.File `isf:"data/notes.md"`
}

func (p *unseeded) Build(b *isf.Build) isf.Rows[*isf.Sample] { return isf.Of[*isf.Sample](b) }

func portPipelines() []isf.Pipeline {
	return []isf.Pipeline{
		isf.Dataset("questions", &questions{}, isf.Version("1")),
		isf.Dataset("assertions", &assertions{}, isf.Version("1"), isf.Minimal()),
		isf.Dataset("pushback", &seeded{}, isf.Version("1")),
		isf.Dataset("sampler", &seeded{Seeds: "data/seeds.jsonl", Identity: "orla-release-full"}, isf.Version("1")),
		isf.Dataset("gone", &unseeded{}, isf.Version("1")),
		isf.Dataset("never", &assertions{}, isf.Version("1")),
	}
}

// toolkit copies the project of the Python toolkit into the work folder.
func toolkit(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(os.CopyFS(ts.Getenv("WORK"), os.DirFS(filepath.Join(repository(), "internal/e2e/testdata/toolkit"))))
}

// replaying starts a model at $LOCAL_LLM_BASE_URL that says what the recorded
// run of an output was answered, and knows nothing else: replaying OUTPUT.
func replaying(ts *testscript.TestScript, _ bool, args []string) {
	said := map[string]string{}
	for _, row := range recordedRows(ts, args[0]) {
		for _, s := range row.Steps {
			said[recorded(s.Resolved, s.Messages, s.Sampling["temperature"])] = s.Response
		}
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Model       string
			Messages    []turn
			Temperature *float64
		}
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &asked)
		answer, ok := said[recorded(asked.Model, asked.Messages, asked.Temperature)]
		if !ok {
			http.Error(w, `{"error":{"message":"this was not asked in the recorded run"}}`, http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"model":%s,"choices":[{"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}`, jsonOf(asked.Model), jsonOf(answer))
	}))
	ts.Defer(s.Close)
	ts.Setenv("LOCAL_LLM_BASE_URL", s.URL+"/v1")
}

// recorded names a request of a recording.
func recorded(model string, messages []turn, temperature any) string {
	return jsonOf([]any{model, messages, temperature})
}

// reproduces checks that an output has the ids, messages, inputs and steps of
// a recorded one: reproduces OUTPUT RECORDED. What was sent may be said in
// more detail than the record does.
func reproduces(ts *testscript.TestScript, _ bool, args []string) {
	got, want := recordedRows(ts, args[0]), recordedRows(ts, args[1])
	if len(got) != len(want) {
		ts.Fatalf("%s has %d rows, and %s has %d", args[0], len(got), args[1], len(want))
	}
	for i := range want {
		for j := range min(len(got[i].Steps), len(want[i].Steps)) {
			for name := range got[i].Steps[j].Sampling {
				if _, recorded := want[i].Steps[j].Sampling[name]; !recorded {
					delete(got[i].Steps[j].Sampling, name)
				}
			}
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			ts.Fatalf("row %d is\n%s\nand was\n%s", i, jsonOf(got[i]), jsonOf(want[i]))
		}
	}
}

type turn struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type recordedRow struct {
	ID       string         `json:"id"`
	Messages []turn         `json:"messages"`
	Input    map[string]any `json:"input_data"`
	Steps    []struct {
		Messages []turn         `json:"messages"`
		Model    string         `json:"model"`
		Resolved string         `json:"model_resolved"`
		Sampling map[string]any `json:"sampling"`
		Response string         `json:"response"`
		Error    any            `json:"error"`
		Index    int            `json:"step_index"`
	} `json:"steps"`
}

func recordedRows(ts *testscript.TestScript, name string) (rows []recordedRow) {
	for line := range strings.Lines(ts.ReadFile(name)) {
		var row recordedRow
		ts.Check(json.Unmarshal([]byte(line), &row))
		rows = append(rows, row)
	}
	return rows
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
