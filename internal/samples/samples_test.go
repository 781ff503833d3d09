package samples

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func lines(texts ...string) io.Reader { return strings.NewReader(strings.Join(texts, "\n")) }

func ids(d *Drawn) string {
	var out []string
	for _, r := range d.Rows {
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

func numbered(n int) io.Reader {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"r%d"}`+"\n", i)
	}
	return strings.NewReader(b.String())
}

func TestADrawDependsOnTheSeedOnly(t *testing.T) {
	draw := func(seed uint64) string {
		d, err := Draw(Lines(numbered(500)), 10, seed, nil)
		if err != nil {
			t.Fatal(err)
		}
		return ids(d)
	}
	if a, b := draw(1), draw(1); a != b {
		t.Errorf("seed 1 gave %s and then %s", a, b)
	}
	if a, b := draw(1), draw(2); a == b {
		t.Errorf("seeds 1 and 2 both gave %s", a)
	}
}

// Each of 20 rows is expected 500 times in 2,000 draws of 5; the bound is more than
// five standard deviations away.
func TestEachRowHasTheSameChance(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(2000) {
		d, err := Draw(Lines(numbered(20)), 5, seed, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range d.Rows {
			seen[r.ID]++
		}
	}
	for i := range 20 {
		if n := seen[fmt.Sprintf("r%d", i)]; n < 400 || n > 600 {
			t.Errorf("row %d was drawn %d times, want about 500", i, n)
		}
	}
}

func TestADrawOfMoreThanThereIsHasAll(t *testing.T) {
	for _, n := range []int{0, 3, 99} {
		d, err := Draw(Lines(numbered(3)), n, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := ids(d), "r0 r1 r2"; got != want || d.Lines != 3 || d.Matched != 3 {
			t.Errorf("a draw of %d gave %q of %d, want %q of 3", n, got, d.Lines, want)
		}
	}
}

// A repeated is the same line n times, without holding them.
type repeated struct {
	line  []byte
	n, at int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.at == r.n*len(r.line) {
		return 0, io.EOF
	}
	n := copy(p, r.line[r.at%len(r.line):])
	r.at += n
	return n, nil
}

func TestMemoryIsThatOfWhatIsDrawn(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	line := []byte(`{"x":"` + strings.Repeat("x", 990) + "\"}\n")
	d, err := Draw(Lines(&repeated{line: line, n: 200_000}), 10, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if d.Lines != 200_000 {
		t.Fatalf("%d lines were read, want 200,000", d.Lines)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 20<<20 {
		t.Errorf("200 MB of rows took %d bytes of memory, want a few of the drawn", grown)
	}
}

func TestConditions(t *testing.T) {
	const row = `{"id":"a","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"<think>\nHm.\n</think>\nHello there"}],"meta":{"score":3,"source":"chat"},"input_data":{"fact":{"id":"f-1"},"n":1.5}}`
	for text, want := range map[string]bool{
		"id=a":                 true,
		"id = a":               true,
		"id!=a":                false,
		"score=3":              true,
		"meta.score>=3":        true,
		"score>3":              false,
		"score<4":              true,
		"n<=1.5":               true,
		"source=chat":          true,
		"source~CHA":           true,
		"input_data.fact.id~f": true,
		"fact.id=f-1":          true,
		"prompt=Hi":            true,
		"answer=Hello there":   true,
		"answer~hm":            false,
		"thinking=Hm.":         true,
		"length=11":            true,
		"turns>2":              false,
		"absent=1":             false,
		"absent!=1":            true,
		"absent<5":             false,
		"source<5":             false,
	} {
		f, err := Where(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f(Line{1, []byte(row)})
		if err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", text, got, err, want)
		}
	}
}

func TestAConditionThatIsNoneIsExplained(t *testing.T) {
	for text, want := range map[string]string{
		"score":   "write FIELD=VALUE",
		"":        "write FIELD=VALUE",
		"score>x": `"x" is none`,
	} {
		if _, err := Where(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Where(%q) says %v, want %q", text, err, want)
		}
	}
}

func TestByIDFindsARowWhateverItsEscapes(t *testing.T) {
	d, err := Draw(Lines(lines(`{"id":"b"}`, `not a row but has "a\"b"`, `{"id":"a\"b"}`, `{"x":"a\"b","id":"c"}`)), 0, 1, []Filter{ByID(`a"b`)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ids(d), `a"b`; got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestRowsOfAllKindsAreRead(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		check func(*Row) bool
	}{
		"parts":       {`{"id":1,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url"}]},{"role":"assistant","content":null}]}`, func(r *Row) bool { return r.ID == "1" && r.Prompt() == "Hi\n[image_url]" && r.Answer() == "" }},
		"no id":       {`{"messages":[]}`, func(r *Row) bool { return r.ID == "" && !r.Annotated() && r.Steps() == nil }},
		"an error":    {`{"__ERROR__":{"error":"parse_error","message":"no tag","id":"x","steps":[{"model":"m","response":null}]}}`, func(r *Row) bool { return r.ID == "x" && r.Failed.Kind == "parse_error" && r.Steps()[0].Model == "m" }},
		"a table row": {`{"id":"f","fact":"It is.","provenance":{"steps":[{"model":"m","messages":[{"role":"system","content":"Be."}]}]}}`, func(r *Row) bool { return r.Messages == nil && r.Steps()[0].System() == "Be." }},
	} {
		r, err := Decode(Line{1, []byte(tt.text)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !tt.check(r) {
			t.Errorf("%s is read as %+v", name, r)
		}
	}
}

func TestWhatIsNoRowIsToldWithItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"{":                        "line 7 is not a JSON object",
		`{"id":"a","messages":"x"`: "line 7 is not a JSON object",
		`{"messages":"x"}`:         `field "messages" is a JSON string`,
	} {
		if _, err := Decode(Line{7, []byte(text)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
