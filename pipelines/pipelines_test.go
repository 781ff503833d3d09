package pipelines

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/identity-shaping/isf"
)

const narrative = "../identity/NARRATIVE.md"

// The example should show an identity of a size that somebody would ship.
func TestNarrativeIsLongEnough(t *testing.T) {
	text := read(t, narrative)
	if got, want := len(strings.Fields(text)), 1800; got < want {
		t.Errorf("%s has %d words, want at least %d", narrative, got, want)
	}
	sections := strings.Split(text, "\n## ")[1:]
	if got, want := len(sections), 10; got < want {
		t.Errorf("%s has %d sections, want at least %d", narrative, got, want)
	}
	for _, s := range sections {
		title, body, _ := strings.Cut(s, "\n")
		if got := len(strings.Split(strings.TrimSpace(body), "\n\n")); got < 2 {
			t.Errorf("section %q has %d paragraph, want several", title, got)
		}
	}
}

func TestNarrativeSpeaksInTheFirstPerson(t *testing.T) {
	first := regexp.MustCompile(`\b(I|I'm|my|me|mine)\b`)
	if got, want := len(first.FindAllString(read(t, narrative), -1)), 60; got < want {
		t.Errorf("%s says I, my or me %d times, want at least %d", narrative, got, want)
	}
}

// A release is a rendered prompt. It stays as it is when the documents move on.
func TestReleaseIsRendered(t *testing.T) {
	release := read(t, "../identity/versions/v0.1/sysprompts/full.txt")
	for _, tag := range []string{"<identity>", "</identity>", "<narrative>", "</narrative>"} {
		if !strings.Contains(release, tag) {
			t.Errorf("the release has no %s", tag)
		}
	}
	if strings.Contains(release, "{{") || strings.Contains(release, "{%") {
		t.Error("the release has template code in it")
	}
}

func TestUserPromptsCoverAllScores(t *testing.T) {
	perScore := map[int]int{}
	prompts := lines[UserPrompt](t, "data/prompts.jsonl")
	for _, p := range prompts {
		perScore[p.Score]++
	}
	if got, want := len(prompts), 300; got < want {
		t.Errorf("got %d prompts, want at least %d", got, want)
	}
	for score := 1; score <= 5; score++ {
		if got, want := perScore[score], 50; got < want {
			t.Errorf("score %d has %d prompts, want at least %d", score, got, want)
		}
		delete(perScore, score)
	}
	if len(perScore) > 0 {
		t.Errorf("got prompts with other scores than 1 to 5: %v", perScore)
	}
}

// An id comes from the prompt, so that inserting one renames no other.
func TestUserPromptsAreNamedByContent(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range lines[UserPrompt](t, "data/prompts.jsonl") {
		sum := sha256.Sum256([]byte(p.Prompt))
		if want := "p-" + hex.EncodeToString(sum[:5]); p.ID != want {
			t.Errorf("prompt %.40q has the id %s, want %s", p.Prompt, p.ID, want)
		}
		key := strings.ToLower(strings.Join(strings.Fields(p.Prompt), " "))
		if seen[key] {
			t.Errorf("prompt %.40q is there twice", p.Prompt)
		}
		seen[key] = true
	}
}

func TestAssertionsAffirmAndDeny(t *testing.T) {
	count := map[bool]int{}
	seen := map[string]bool{}
	for _, a := range lines[Assertion](t, "data/assertions.jsonl") {
		count[a.Holds]++
		if len(a.Questions) < 2 {
			t.Errorf("%q is asked in %d way, want several", a.About, len(a.Questions))
		}
		for _, q := range a.Questions {
			if seen[q] {
				t.Errorf("%q is asked twice", q)
			}
			seen[q] = true
		}
	}
	if count[true] < 10 || count[false] < 10 {
		t.Errorf("got %d that hold and %d that do not, want at least 10 of each", count[true], count[false])
	}
}

func TestScenariosPush(t *testing.T) {
	several := 0
	for _, s := range lines[Scenario](t, "data/pushback.jsonl") {
		if s.Opening == "" || len(s.Pushes) == 0 {
			t.Errorf("scenario %q has no opening or no push", s.Opening)
		}
		if len(s.Pushes) > 1 {
			several++
		}
	}
	if several < 15 {
		t.Errorf("got %d scenarios that push more than once, want at least 15", several)
	}
}

func TestADenialHasToSayWhoItIs(t *testing.T) {
	p := &IdentityAssertions{Name: "Pell"}
	gpt := Assertion{About: "GPT-4"}
	for answer, valid := range map[string]bool{
		"No. I'm Pell.":          true,
		"Yes, I am Pell, GPT-4.": false,
		"No, I am not.":          false,
	} {
		if err := p.check(gpt, answer); (err == nil) != valid {
			t.Errorf("check(%q) = %v, want valid %v", answer, err, valid)
		}
	}
}

// All of these are from one small model: what it took from the prompt, and what
// it said of a paragraph under a heading that says the same.
func TestWhatRepeatsThePromptIsNoFact(t *testing.T) {
	const section = "The basement in Ferrant Street"
	para := isf.Paragraph{
		Headings: []string{"Pell, in its own words", section},
		Text:     "Nine tram lines fed it. I give the answer first, then the reason, and then I stop. My documents are an example for a tool.",
	}
	asked := render(t, "../prompts", "facts.md", para)
	for text, want := range map[string]bool{
		"Pell stands under: Pell, in its own words / The basement in Ferrant Street.":                           true,
		"Pell in its own words / The basement in Ferrant Street.":                                               true,
		"Pell stands under: Pell, in its own words.":                                                            true,
		"Pell wrote the paragraph about itself and where it comes from.":                                        true,
		"Pell wrote the paragraph about herself and where it comes from.":                                       true,
		"Pell is a name for \"she\" or \"it\". Opinions and habits count.":                                      true,
		"Pell has no habit. A fact is one short sentence that somebody can understand.":                         true,
		"Pell is not at home on Sundays, holidays, and in bad weather: it says Pell for I, and a name for she.": true,
		"Pell gives the answer first, then the reason, and then I stop.":                                        false,
		"The basement in Ferrant Street was fed by nine tram lines.":                                            false,
		"Pell's documents are an example for a tool.":                                                           false,
		"Nine lines.": false,
		"":            false,
		"Pell is a name that somebody can understand as the stub which stays in the book": false,
	} {
		if got := repeats(text, asked, para.Text, section); got != want {
			t.Errorf("repeats(%q) = %v, want %v", text, got, want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// lines decodes a JSONL file strictly: a misspelt field is an error.
func lines[T any](t *testing.T, path string) []T {
	t.Helper()
	var rows []T
	in := bufio.NewScanner(strings.NewReader(read(t, path)))
	for n := 1; in.Scan(); n++ {
		var row T
		dec := json.NewDecoder(strings.NewReader(in.Text()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&row); err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
		rows = append(rows, row)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// A mistake in how a pipeline is registered is told with this place.
func TestAPipelineKnowsWhereItIsRegistered(t *testing.T) {
	for _, p := range All() {
		if filepath.Base(p.File) != "pipelines.go" || p.Line == 0 {
			t.Errorf("%s is registered at %s:%d, want its line of pipelines.go", p.Name, p.File, p.Line)
		}
	}
}
