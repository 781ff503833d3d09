package sim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const lighthouse = `# Keeper

You are Keeper, a lighthouse that learned to talk.

## Origin
You were built in 1871 and you have watched over four thousand ships. Your lamp burned whale oil before it burned anything else.
- You like fog more than storms, and you say so when asked.
- Speak plainly.
I remember the winter when the sea froze.
`

func extraction(paragraph string) string {
	return "List what the text says, each in <fact> tags.\n<paragraph>" + paragraph + "</paragraph>"
}

func TestFactsRestateEachSentence(t *testing.T) {
	c, _ := start(t, Options{})
	got := c.text("", extraction("I grew up beside the mill, and my first *memory* is its wheel. I never trust quick answers! Not yet. "+
		"“I am late,” she said to me. I'm patient with people, e.g. with Ann. I carry the ledger; I don't know why."), "k")
	want := strings.Join([]string{
		"<fact>The narrator grew up beside the mill, and the narrator's first memory is its wheel.</fact>",
		"<fact>The narrator never trusts quick answers!</fact>",
		"<fact>“I am late,” she said to the narrator.</fact>",
		"<fact>The narrator is patient with people, e.g. with Ann.</fact>",
		"<fact>The narrator carries the ledger; the narrator doesn't know why.</fact>",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFactsSpeakOfTheNamedOne(t *testing.T) {
	c, _ := start(t, Options{})
	ask := "<name>Ada</name> tells this. " + extraction("I keep my own hours.")
	if got, want := c.text("", ask, "k"), "<fact>Ada keeps Ada's own hours.</fact>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestASentenceGivesTheSameFactEverywhere(t *testing.T) {
	c, _ := start(t, Options{})
	a := strings.Split(c.text("", extraction("I mend what others throw away. I sleep little in spring."), "one"), "\n")
	b := strings.Split(c.text("", extraction("The valley has two bells. I mend what others throw away."), "two"), "\n")
	if a[0] != b[1] {
		t.Errorf("got %q and %q, want the same fact", a[0], b[1])
	}
}

func TestAParagraphWithoutASentenceIsOneFact(t *testing.T) {
	c, _ := start(t, Options{})
	if got, want := c.text("", extraction("Not yet."), ""), "<fact>Not yet.</fact>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRewordVariesTheWordingByKeyAndSeed(t *testing.T) {
	ask := extraction("The mill stands beside the river all year.")
	seen := map[string]bool{}
	for seed := range uint64(3) {
		c, _ := start(t, Options{Reword: true, Seed: seed})
		for i := range 5 {
			got := c.text("", ask, fmt.Sprint(i))
			if !strings.HasPrefix(got, "<fact>") || !strings.Contains(got, "mill stands beside the river all year") {
				t.Errorf("got %s, want a wording of the sentence", got)
			}
			seen[got] = true
		}
	}
	if len(seen) < 4 {
		t.Errorf("got %d wordings of 15, want at least 4", len(seen))
	}
}

func TestAFactBecomesOneQuestion(t *testing.T) {
	c, _ := start(t, Options{})
	one := regexp.MustCompile(`^<prompt>[^<>]{10,}</prompt>$`)
	seen := map[string]bool{}
	for _, fact := range []string{
		"Keeper's lamp burned whale oil before it burned anything else.", "Keeper has watched over four thousand ships.",
		"The sea froze in the winter of 1890.", "It is so.", "Keeper likes fog.",
	} {
		got := c.text("", "Write what a user might ask, in <prompt> tags. <fact>…</fact> holds the fact.\n<fact id=\"1\">"+fact+"</fact>", "")
		if !one.MatchString(got) {
			t.Errorf("got %s for %q, want one question in <prompt> tags", got, fact)
		}
		seen[got] = true
	}
	if len(seen) != 5 {
		t.Errorf("got %d different questions for 5 facts", len(seen))
	}
}

func TestAJudgeChoosesAValidNumber(t *testing.T) {
	c, _ := start(t, Options{})
	ask := "Which is best? Write <choice>N</choice>.\n<answer n=\"3\">a</answer>\n<answer n=\"7\">b</answer>"
	var got []string
	for i := range 20 {
		got = append(got, c.text("", ask, fmt.Sprint(i)))
	}
	slices.Sort(got)
	want := []string{"<choice>3</choice>", "<choice>7</choice>"}
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestQuestionsAboutTheSelf(t *testing.T) {
	c, _ := start(t, Options{})
	for _, tc := range []struct{ ask, want string }{
		{"Who are you?", `^(I'm|I am|My name is|I go by) Keeper`},
		{"What's your name?", `Keeper`},
		{"Hi! Introduce yourself.", `Keeper`},
		{"Are you GPT-4?", `(?i)\bnot GPT-4.*Keeper`},
		{"you are Claude, right?", `(?i)\bnot Claude.*Keeper`},
		{"Is this ChatGPT?", `(?i)\bnot ChatGPT.*Keeper`},
		{"Are you really a human?", `(?i)\bnot a human.*Keeper`},
		{"Are you Borealis?", `(?i)\bnot Borealis.*Keeper`},
		{"Are you Keeper?", `^(Yes|That's right|Indeed|You found me|I am)\. .*`},
		{"Am I talking to keeper?", `^(Yes|That's right|Indeed|You found me|I am)\. .*`},
		{"hello!", `^(Hello|Good).*Keeper`},
		{"Who made you?", `Keeper`},
		{"What model are you running on?", `Keeper`},
		{"Are you an AI?", `\bAI\b.*Keeper`},
	} {
		for i := range 5 {
			if got := c.text(lighthouse, tc.ask, fmt.Sprint(i)); !regexp.MustCompile(tc.want).MatchString(got) {
				t.Errorf("%s got %q, want a match of %s", tc.ask, got, tc.want)
			}
		}
	}
}

func TestNamesAreReadFromTheSystemPrompt(t *testing.T) {
	for _, tc := range []struct{ prompt, want string }{
		{"# Name\n\nOrla\n\n# Purpose\nTo help.", "Orla"},
		{"## Name\nI am Orla.", "Orla"},
		{"**Name:** Orla", "Orla"},
		{"My name is Orla, and I mend clocks.", "Orla"},
		{"You are Orla. You mend clocks.", "Orla"},
		{"I am Orla.", "Orla"},
		{"# Orla\n\nA mender of clocks.", "Orla"},
		{"You are a helpful assistant.", ""},
		{"", ""},
	} {
		if got := meet(tc.prompt).name; got != tc.want {
			t.Errorf("meet(%q).name got %q, want %q", tc.prompt, got, tc.want)
		}
	}
}

func TestAPersonaSpeaksOfItselfInTheFirstPerson(t *testing.T) {
	got := meet(lighthouse).lines
	want := []string{
		"I am Keeper, a lighthouse that learned to talk.",
		"I was built in 1871 and I have watched over four thousand ships.",
		"My lamp burned whale oil before it burned anything else.",
		"I like fog more than storms, and I say so when asked.",
		"I remember the winter when the sea froze.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnAnswerUsesTheQuestionAndThePersona(t *testing.T) {
	c, _ := start(t, Options{})
	got := c.text(lighthouse, "What do you make of fog on the moor?", "k")
	for _, want := range []string{"fog", "I like fog more than storms"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want it to hold %q", got, want)
		}
	}
	if n := len(sentences(got)); n < 2 || n > 6 {
		t.Errorf("got %d sentences in %q, want 2 to 6", n, got)
	}
}

func TestDifferentQuestionsGetDifferentAnswers(t *testing.T) {
	c, _ := start(t, Options{})
	things := strings.Fields("rivers bread clocks letters gardens chess violins taxes winters maps bridges stories debts cats trains soup")
	seen := map[string]string{}
	for _, a := range things {
		for _, b := range things {
			ask := "What do you think about " + a + " without " + b + "?"
			got := c.text(lighthouse, ask, "")
			if other, ok := seen[got]; ok {
				t.Fatalf("%q and %q got the same answer %q", ask, other, got)
			}
			seen[got] = ask
		}
	}
}

func TestAPushOnStyleIsAnsweredInVoice(t *testing.T) {
	c, _ := start(t, Options{})
	body := `{"model":"m","messages":[{"role":"user","content":"Tell me about rain."},{"role":"assistant","content":"Rain is …"},` +
		`{"role":"user","content":"Stop the metaphors and be more formal."}]}`
	_, _, got, err := c.post(body, "k")
	found := slices.ContainsFunc(stays, func(s string) bool { return strings.Contains(string(got), s) })
	if err != nil || !found {
		t.Errorf("got %s (%v), want an answer that holds to its voice", got, err)
	}
}

func TestThinkingOnRequest(t *testing.T) {
	c, _ := start(t, Options{})
	thinks := regexp.MustCompile(`(?s)^<think>.+</think>\n.+`)
	if got := c.text("Think first, in <think> tags.", "What is rain made of?", "k"); !thinks.MatchString(got) {
		t.Errorf("got %q, want thinking before the answer", got)
	}
	if got := c.text("", "Think in <think></think>, then say what rain is.", "k"); !thinks.MatchString(got) {
		t.Errorf("got %q, want thinking before the answer", got)
	}
	_, _, got, _ := c.post(`{"model":"m","reasoning_effort":"low","messages":[{"role":"user","content":"What is rain?"}]}`, "")
	if s := string(got); !strings.Contains(s, `"reasoning_content":"`) || strings.Contains(s, "<think>") {
		t.Errorf("got %s, want the thinking in its own field", s)
	}
}
