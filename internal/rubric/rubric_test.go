package rubric_test

import (
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/rubric"
	"github.com/identity-shaping/isf/internal/samples"
)

const text = `# How Pell speaks

Pell runs a lost property office.

## Voice
Breaks: it sounds like a generic assistant.

## Facts
Breaks: it invents a city.
`

func TestEachHeadingIsACriterion(t *testing.T) {
	r, err := rubric.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Intro, "lost property") || len(r.Criteria) != 2 || r.Criteria[1].Name != "Facts" {
		t.Errorf("got %+v", r)
	}
	for _, wrong := range []string{"", "no heading", "## \nx", "## A\n## a\n"} {
		if _, err := rubric.Parse(wrong); err == nil {
			t.Errorf("%q is a rubric, want an error", wrong)
		}
	}
}

func TestTheJudgeIsAskedAboutAnswersWithoutTheirThinking(t *testing.T) {
	r, _ := rubric.Parse(text)
	row := &samples.Row{Messages: []samples.Message{{Role: "user", Content: "Who?"}, {Role: "assistant", Content: "<think>\nhm\n</think>\n\nPell."}}}
	p := r.Prompt(row)
	for _, want := range []string{"<user>\nWho?\n</user>", "<assistant>\nPell.\n</assistant>", `<criterion name="Voice">`, "lost property"} {
		if !strings.Contains(p, want) {
			t.Errorf("the prompt lacks %q:\n%s", want, p)
		}
	}
	if strings.Contains(p, "hm") {
		t.Errorf("the prompt shows thinking:\n%s", p)
	}
}

func TestAVerdictNamesEveryCriterion(t *testing.T) {
	r, _ := rubric.Parse(text)
	for _, c := range []struct {
		answer string
		want   []rubric.Break
		err    bool
	}{
		{"<pass>Voice</pass>\n<pass>Facts</pass>", nil, false},
		{"<think>x <fail>Voice</fail></think><pass>voice</pass> <fail>Facts: it names: Oslo</fail>", []rubric.Break{{"Facts", "it names: Oslo"}}, false},
		{"<fail>Voice</fail><pass>Facts</pass>", []rubric.Break{{"Voice", ""}}, false},
		{"<pass>Voice</pass>", nil, true},
		{"Both are fine.", nil, true},
		{"<pass>Voice</pass><pass>Fax</pass>", nil, true},
	} {
		got, err := r.Read(c.answer)
		if (err != nil) != c.err || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %v, %v; want %v, an error: %v", c.answer, got, err, c.want, c.err)
		}
	}
}

func lines(n int, but int) iter.Seq2[samples.Line, error] {
	return func(yield func(samples.Line, error) bool) {
		for i := range n {
			if i == but {
				continue
			}
			l := samples.Line{Number: i + 1, Text: fmt.Appendf(nil, `{"id":"%d","messages":[{"role":"user","content":"q%d"},{"role":"assistant","content":"a"}]}`, i, i)}
			if !yield(l, nil) {
				return
			}
		}
	}
}

func TestNearlyTheSameRowsAreChosenAfterAnEdit(t *testing.T) {
	ids := func(but int) map[string]bool {
		rows, err := rubric.Choose(lines(500, but), 50)
		if err != nil || len(rows) != 50 {
			t.Fatalf("got %d rows, %v; want 50", len(rows), err)
		}
		out := map[string]bool{}
		for i, r := range rows {
			out[r.ID] = true
			if i > 0 && rows[i-1].Line >= r.Line {
				t.Errorf("line %d comes after %d", r.Line, rows[i-1].Line)
			}
		}
		return out
	}
	before, same := ids(-1), 0
	for id := range ids(3) {
		if before[id] {
			same++
		}
	}
	if same < 49 {
		t.Errorf("without one of 500 rows %d of 50 are chosen again, want 49 or more", same)
	}
	all, err := rubric.Choose(lines(500, -1), 0)
	if err != nil || len(all) != 500 {
		t.Errorf("0 chooses %d rows, %v; want all", len(all), err)
	}
}
