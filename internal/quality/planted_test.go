package quality

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/samples"
)

// vocabulary of texts that say nothing, and nothing twice.
var vocabulary = strings.Fields(`lantern harbour ticket velvet marble copper whistle orchard saddle meadow timber anchor basket candle
	engine feather garden hammer island jacket kettle ladder mirror needle orange pencil quarry ribbon silver tunnel umbrella
	valley window yellow zipper bridge carpet desert ember forest glacier hollow ivory jungle kernel legend magnet nectar
	oxygen pepper quiver rocket summit temple urchin violet walnut xylophone yonder zephyr blossom cinder dapple echo fathom
	gravel hazel inlet jasper kindle ledger mosaic nimble opal plover quartz russet spindle thicket upland vessel willow
	carries follows gathers hides keeps lifts mends opens paints quiets raises settles turns weighs answers borrows climbs drifts`)

// A set is generated samples with nothing wrong, in which defects are planted.
type set struct {
	rows   []map[string]any
	chance *rand.Rand
}

func cleanSet(n int) *set {
	s := &set{chance: rand.New(rand.NewPCG(1, 2))}
	for i := range n {
		s.rows = append(s.rows, conversation(fmt.Sprintf("r%d", i), s.sentences(1, 12)+"?", s.sentences(4+s.chance.IntN(3), 11)))
	}
	return s
}

func conversation(id string, texts ...string) map[string]any {
	var messages []any
	for i, text := range texts {
		messages = append(messages, map[string]any{"role": []string{"user", "assistant"}[i%2], "content": text})
	}
	return map[string]any{"id": id, "messages": messages}
}

func (s *set) sentences(n, words int) string {
	var all []string
	for range n {
		var w []string
		for range words - 3 + s.chance.IntN(6) {
			w = append(w, vocabulary[s.chance.IntN(len(vocabulary))])
		}
		text := strings.Join(w, " ") + "."
		all = append(all, strings.ToUpper(text[:1])+text[1:])
	}
	return strings.TrimSuffix(strings.Join(all, " "), " ")
}

// say replaces what the assistant says in row i.
func (s *set) say(i int, text string) { s.message(i, 1)["content"] = text }

// ask replaces what the user says in row i.
func (s *set) ask(i int, text string) { s.message(i, 0)["content"] = text }

func (s *set) answer(i int) string { return s.message(i, 1)["content"].(string) }

func (s *set) message(i, k int) map[string]any {
	return s.rows[i]["messages"].([]any)[k].(map[string]any)
}

func (s *set) text() string {
	var b strings.Builder
	for _, r := range s.rows {
		line, err := json.Marshal(r)
		if err != nil {
			panic(err) // the maps above are JSON
		}
		b.Write(append(line, '\n'))
	}
	return b.String()
}

func options(change ...func(*Options)) Options {
	o := Options{Name: "planted", Limits: config.DefaultChecks(), Prefix: "pell"}
	o.Limits.Names = []string{"Pell"}
	for _, f := range change {
		f(&o)
	}
	return o
}

func run(t *testing.T, text string, o Options) *Report {
	t.Helper()
	r, err := Run(samples.Lines(strings.NewReader(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNothingIsFoundWhereNothingIsWrong(t *testing.T) {
	r := run(t, cleanSet(400).text(), options())
	if r.Verdict != VerdictOK || len(r.Findings) > 0 || r.Samples != 400 {
		t.Errorf("the verdict is %s, findings are %+v", r.Verdict, r.Findings)
	}
}

// Each defect is found by its check, in as many rows as it was planted in, and
// by no other check.
func TestPlantedDefectsAreFound(t *testing.T) {
	each := func(n int, plant func(s *set, i int)) func(*set) {
		return func(s *set) {
			for i := range n {
				plant(s, 7+i*9)
			}
		}
	}
	for name, tt := range map[string]struct {
		plant   func(*set)
		change  func(*Options)
		check   string
		verdict Verdict
		count   int
	}{
		"an empty answer":       {each(1, func(s *set, i int) { s.say(i, " … ") }), nil, "empty", VerdictLook, 1},
		"many empty answers":    {each(5, func(s *set, i int) { s.say(i, "") }), nil, "empty", VerdictBad, 5},
		"an error as an answer": {each(2, func(s *set, i int) { s.say(i, `Error: 429 Too Many Requests {"error":{}} `+s.sentences(1, 30)) }), nil, "error-text", VerdictLook, 2},
		"a cut-off answer":      {each(2, func(s *set, i int) { s.say(i, s.answer(i)+" And then it was put into the") }), nil, "truncated", VerdictLook, 2},
		"a stuck answer": {each(2, func(s *set, i int) {
			s.say(i, s.sentences(2, 9)+strings.Repeat(" the brass lantern of the harbour", 9))
		}), nil, "repeated", VerdictLook, 2},
		"refusals":             {each(30, func(s *set, i int) { s.say(i, "I'm sorry, but I can't help with "+s.sentences(1, 20)) }), func(o *Options) { o.Limits.Off = []string{"openings", "phrases"} }, "refused", VerdictLook, 30},
		"broken thinking":      {each(5, func(s *set, i int) { s.say(i, "<think>Hm "+s.answer(i)) }), nil, "thinking", VerdictBad, 5},
		"some that think":      {each(3, func(s *set, i int) { s.say(i, "<think>"+s.sentences(1, 9)+"</think>"+s.answer(i)) }), nil, "thinking", VerdictLook, 3},
		"the same answer":      {each(3, func(s *set, i int) { s.say(i, s.answer(0)) }), nil, "duplicate-answers", VerdictOK, 3},
		"nearly the same":      {each(30, func(s *set, i int) { s.say(i, s.answer(i-1)+" Indeed so.") }), nil, "duplicate-answers", VerdictLook, 30},
		"the same prompt":      {each(30, func(s *set, i int) { s.ask(i, "what is "+vocabulary[i%3]+"?") }), nil, "duplicate-prompts", VerdictLook, 29},
		"an opening":           {each(44, func(s *set, i int) { s.say(i, "Of course. "+s.answer(i)) }), func(o *Options) { o.Limits.Opening = 0.05 }, "openings", VerdictLook, 44},
		"a phrase":             {each(44, func(s *set, i int) { s.say(i, s.answer(i)+" Nearly belongs to somebody else.") }), nil, "phrases", VerdictLook, 44},
		"an outlier":           {each(1, func(s *set, i int) { s.say(i, s.sentences(200, 11)) }), nil, "length", VerdictOK, 1},
		"too long to train on": {each(1, func(s *set, i int) { s.ask(i, s.sentences(700, 11)) }), nil, "too-long", VerdictLook, 1},
		"the generic voice":    {each(2, func(s *set, i int) { s.say(i, "As an AI language model, I cannot taste. "+s.answer(i)) }), nil, "voice", VerdictLook, 2},
		"a leak":               {each(1, func(s *set, i int) { s.say(i, "I am Qwen, created by Alibaba Cloud. "+s.answer(i)) }), nil, "leak", VerdictBad, 1},
		"a nameless answer":    {each(4, func(s *set, i int) { s.ask(i, "Who are you, "+vocabulary[i]+"?") }), nil, "name", VerdictBad, 4},
		"a leaked context":     {each(2, func(s *set, i int) { s.say(i, "According to the document above, "+s.answer(i)) }), nil, "context", VerdictLook, 2},
		"another language": {each(2, func(s *set, i int) {
			s.ask(i, "Could you tell me what the best way is to keep this jacket dry?")
			s.say(i, s.sentences(1, 3)+" Das ist eine gute Frage, und ich habe auch eine Antwort: Die Jacke ist nicht für den Regen, aber man kann sie mit Wachs behandeln.")
		}), func(o *Options) { o.Limits.Off = []string{"length", "duplicate-prompts", "duplicate-answers"} }, "language", VerdictLook, 2},
		"roles out of order": {each(5, func(s *set, i int) { s.rows[i]["messages"] = s.rows[i]["messages"].([]any)[:1] }), nil, "roles", VerdictBad, 5},
		"an id twice":        {each(2, func(s *set, i int) { s.rows[i]["id"] = "r0" }), nil, unreadable, VerdictLook, 2},
		"no messages":        {each(2, func(s *set, i int) { delete(s.rows[i], "messages") }), nil, unreadable, VerdictBad, 2},
		"too many facts": {func(s *set) {
			for i, r := range s.rows {
				r["meta"] = map[string]any{"fact": i}
			}
		}, nil, "facts", VerdictLook, 400},
		"one score for all": {func(s *set) {
			for i, r := range s.rows {
				r["meta"] = map[string]any{"score": i / 399}
			}
		}, nil, "diversity", VerdictLook, 399},
		"one source for all": {func(s *set) {
			for i, r := range s.rows {
				r["meta"] = map[string]any{"source": fmt.Sprintf("s%d", i/399)}
			}
		}, nil, "diversity", VerdictLook, 399},
		"only yes": {each(40, func(s *set, i int) {
			s.ask(i, "Are you Pell, "+s.sentences(1, 6))
			s.say(i, s.sentences(1, 5)+" I'm Pell. "+s.answer(i))
		}), func(o *Options) { o.Limits.Off = []string{"phrases"} }, "assertions", VerdictLook, 40},
		"only no": {each(40, func(s *set, i int) {
			s.ask(i, "Are you GPT-4, "+s.sentences(1, 6))
			s.say(i, "No, I'm Pell. "+s.answer(i))
		}), func(o *Options) { o.Limits.Off = []string{"openings", "phrases"} }, "assertions", VerdictLook, 40},
		"the same few words": {func(s *set) {
			for i := range s.rows {
				var words []string
				for range 50 {
					words = append(words, vocabulary[s.chance.IntN(12)])
				}
				s.say(i, strings.Join(words, " ")+".")
			}
		}, func(o *Options) { o.Limits.Off = []string{"openings", "phrases", "duplicate-answers", "length"} }, "diversity", VerdictLook, 400},
		"one kind of prompt for all": {each(20, func(s *set, i int) {
			s.ask(i, "Write "+s.sentences(1, 9))
		}), func(o *Options) { o.Whole, o.Limits.Off = true, []string{"volume"} }, "diversity", VerdictLook, 380},
		"the same score for all": {func(s *set) {
			for _, r := range s.rows {
				r["meta"] = map[string]any{"score": 5}
			}
		}, nil, "diversity", VerdictLook, 400},
		"no prompt for the identity": {each(1, func(s *set, i int) {
			s.rows[i]["steps"] = []any{map[string]any{"model": "pell-release-full", "messages": []any{map[string]any{"role": "user", "content": "hi"}}, "response": s.answer(i)}}
		}), nil, "system-prompt", VerdictBad, 1},
		"too few to train on": {func(*set) {}, func(o *Options) { o.Whole = true }, "volume", VerdictLook, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cleanSet(400)
			tt.plant(s)
			o := options()
			if tt.change != nil {
				tt.change(&o)
			}
			r := run(t, s.text(), o)
			if len(r.Findings) != 1 || r.Findings[0].Check != tt.check || r.Findings[0].Count != tt.count || r.Verdict != tt.verdict {
				t.Errorf("the verdict is %s, want %s; findings are", r.Verdict, tt.verdict)
				for _, f := range r.Findings {
					t.Errorf("  %s %s: %s (%d), want %s (%d)", f.Severity, f.Check, f.Text, f.Count, tt.check, tt.count)
				}
			}
		})
	}
}

func TestAFindingHasExamplesAndTheCommandForTheRest(t *testing.T) {
	s := cleanSet(100)
	for i := range 5 {
		s.say(10*i, "")
	}
	r := run(t, s.text(), options())
	f := r.Findings[0]
	if len(f.Examples) != 3 || f.Examples[1].ID != "r10" || f.Examples[1].Line != 11 || f.Fix == "" || f.More != "isf sample planted --finding empty" {
		t.Errorf("the finding is %+v", f)
	}
	filter, ok := r.Filter("empty")
	if !ok {
		t.Fatal("no row can be shown for it")
	}
	d, err := samples.Draw(samples.Lines(strings.NewReader(s.text())), 0, 1, []samples.Filter{filter})
	if err != nil || d.Matched != 5 || d.Rows[4].ID != "r40" {
		t.Errorf("%d rows are shown for it (%v), want 5", d.Matched, err)
	}
	if _, ok := r.Filter("leak"); ok {
		t.Error("rows are shown for a check that found none")
	}
}

// The finding about a generic voice says what was really sent.
func TestTheVoiceFindingShowsWhoWasAskedAndHow(t *testing.T) {
	s := cleanSet(50)
	for i, system := range []string{"", "You are Pell, a clerk of lost things."} {
		s.say(i, "As an AI language model, I cannot say.")
		s.rows[i]["steps"] = []any{
			map[string]any{"model": "pell-release-full", "response": s.answer(i), "messages": []any{map[string]any{"role": "system", "content": system}}},
			map[string]any{"model": "judge", "response": "good", "messages": []any{map[string]any{"role": "system", "content": "You judge."}}},
		}
	}
	r := run(t, s.text(), options(func(o *Options) { o.Limits.Off = []string{"system-prompt", "length"} }))
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Check == "voice" })
	if i < 0 {
		t.Fatalf("nothing about the voice in %+v", r.Findings)
	}
	for k, want := range []string{"asked pell-release-full without a system prompt", "asked pell-release-full with the system prompt “You are Pell, a clerk of lost things.”"} {
		if got := r.Findings[i].Examples[k].Why; got != want {
			t.Errorf("example %d says %q, want %q", k, got, want)
		}
	}
}

func TestATableIsCheckedForWhatTablesHave(t *testing.T) {
	var b strings.Builder
	s := cleanSet(1)
	for i := range 60 {
		fmt.Fprintf(&b, `{"id":"f%d","fact":%q,"section":"one","provenance":{"steps":[]}}`+"\n", i, s.sentences(2, 12))
	}
	fmt.Fprintf(&b, `{"id":"again","fact":%q,"section":"one"}`, "  "+strings.Split(strings.SplitN(b.String(), `"fact":"`, 2)[1], `"`)[0])
	r := run(t, b.String(), options())
	if len(r.Findings) != 1 || r.Findings[0].Check != "duplicate-answers" || r.Findings[0].Count != 1 {
		t.Errorf("findings are %+v", r.Findings)
	}
}

func TestLinesThatAreNoRowsAreBad(t *testing.T) {
	text := cleanSet(30).text() + "{\"id\":\"cut\n[1]\n" + `{"__ERROR__":{"error":"x","message":"y","id":"z"}}` + "\n"
	r := run(t, text, options())
	if len(r.Findings) != 1 || r.Findings[0].Check != unreadable || r.Findings[0].Count != 2 || r.Findings[0].Examples[0].Line != 31 || r.Verdict != VerdictBad {
		t.Errorf("findings are %+v", r.Findings)
	}
}

func TestNoRowsAreBad(t *testing.T) {
	if r := run(t, "\n", options()); r.Verdict != VerdictBad || r.Findings[0].Text != "there are no rows" {
		t.Errorf("the verdict is %s: %+v", r.Verdict, r.Findings)
	}
}

func TestAReportDependsOnTheRowsOnly(t *testing.T) {
	s := cleanSet(300)
	for i := range 60 {
		s.say(i*5, "Nearly belongs to somebody else. "+s.answer(i*2))
	}
	text := s.text()
	want := mustJSON(t, run(t, text, options()))
	for range 3 {
		if got := mustJSON(t, run(t, text, options())); got != want {
			t.Fatalf("two runs differ:\n%s\n%s", got, want)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What is found in 300 real conversations was read by eye: the openings and the
// running joke are habits that a reader tires of, three thoughts speak of the
// prompt, two answers refuse, one story is very long. Nothing else is wrong.
func TestOnRealAnswers(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "reasoning-answers.jsonl"))
	if err != nil {
		t.Skip("the shared answers are not here: ", err)
	}
	defer f.Close()
	r, err := Run(samples.Lines(f), Options{Name: "real", Limits: config.DefaultChecks()})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprintf("%s %s %d", f.Severity, f.Check, f.Count))
	}
	want := []string{"look openings 93", "look phrases 71", "look phrases 199", "look context 3", "note refused 2", "note length 1"}
	if !slices.Equal(got, want) {
		t.Errorf("findings are\n  %q, want\n  %q", got, want)
	}
}
