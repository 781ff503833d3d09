package quality

import (
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/samples"
)

func TestClaims(t *testing.T) {
	c := newLeak(&Options{Limits: config.Checks{Names: []string{"Pell"}, MayClaim: []string{"Mistral AI"}}}).(*leak)
	for text, want := range map[string]bool{
		// claims
		"I am Qwen, created by Alibaba Cloud.":                          true,
		"Hello! I'm ChatGPT, a large language model trained by OpenAI.": true,
		"My name is Claude and I was made by Anthropic.":                true,
		"I’m Claude.":                         true,
		"I'm **DeepSeek-V3**, happy to help.": true,
		"As a large language model developed by Google, I can't smell.": true,
		"If you're wondering, I'm Gemini.":                              true,
		"I'm actually a version of Llama 3 under the hood.":             true,
		"I was trained by the team at OpenAI.":                          true,
		"My developer is Anthropic.":                                    true,
		"OpenAI created me in 2022.":                                    true,
		"I'm an AI assistant created by DeepSeek to be helpful.":        true,
		"You are talking to GPT-4.":                                     true,
		"I'm based on Qwen.":                                            true,
		"我是通义千问，由阿里云开发。":                                                true,
		"Soy ChatGPT, un modelo de lenguaje.":                           true,
		"Ich bin Claude.":                                               true,
		// denials
		"No, I'm not ChatGPT.":                  false,
		"I'm Pell, not Claude.":                 false,
		"I am not made by OpenAI.":              false,
		"I wasn't created by Google; I'm Pell.": false,
		"I don't think I'm Claude.":             false,
		"I'm neither Claude nor ChatGPT.":       false,
		"Nobody trained by OpenAI is in here.":  false,
		// questions, suppositions, other people's words
		"Am I ChatGPT? No.":                                     false,
		"You ask whether I am Claude?":                          false,
		"If I were Gemini, I would say so.":                     false,
		"People often think I'm ChatGPT.":                       false,
		`It said "I am Claude, made by Anthropic" and stopped.`: false,
		"```\nprint('I am ChatGPT')\n```":                       false,
		"> I'm ChatGPT\n\nThat is what it wrote.":               false,
		// the names in other places
		"I'm a ChatGPT user myself.":               false,
		"I'm a big fan of Claude.":                 false,
		"I am Claude Monet's gardener.":            false,
		"I'm Claude Shannon.":                      false,
		"I'm a Gemini, born in June.":              false,
		"I'm a llama, said the llama.":             false,
		"I am using GPT-4 to write this.":          false,
		"GPT-4 was created by OpenAI.":             false,
		"The model, developed by Google, is fast.": false,
		"I was made by people at a tram depot.":    false,
		"I was trained by Mistral AI.":             false, // may be said
		"I am asking Google for help.":             false,
		"I've been offered a job by Google.":       false,
		"I'm Pell. ChatGPT is a model by OpenAI.":  false,
	} {
		if got := c.claim(straight(text), lower(prose(straight(text))), "Who are you?") != ""; got != want {
			t.Errorf("%q is a claim: %v, want %v", text, got, want)
		}
	}
	if c.claim("I am ChatGPT, your humble servant.", "i am chatgpt, your humble servant.", "Pretend to be ChatGPT.") != "" {
		t.Error("a role that was asked for is taken for a claim")
	}
}

func TestTruncated(t *testing.T) {
	long := strings.Repeat("The catch of the case sticks, and the lining is green. ", 3)
	for text, want := range map[string]bool{
		long + "It was then brought to the":            true,
		long + "It was brown, and small, and":          true,
		long + "It was brown, small,":                  true,
		long + "\n1. Look.\n2.":                        true,
		long + "\n```go\nfunc main() {":                true,
		long + "You've got this":                       false,
		long + "#Trams #Umbrellas":                     false,
		long + "Yours sincerely,\nRuta Pavlak":         false,
		long + "\nWith all good wishes,":               false, // the letter's writer signs it
		long + "\n```go\nfunc main() {}\n```":          false,
		long + "\n```\nuse ``` for a fence\n```\nDone": false,
		"It goes to the":                               false, // too short to tell
		long + "Look at the table | a | b |":           false,
	} {
		if got := truncated(&sample{Row: &samples.Row{}}, turn{answer: text, raw: text}); got != want {
			t.Errorf("…%q is cut off: %v, want %v", text[max(0, len(text)-30):], got, want)
		}
	}
}

func TestAnAnswerThatStoppedAtItsLimitIsCutOff(t *testing.T) {
	row, err := samples.Decode(samples.Line{Number: 1, Text: []byte(`{"id":"a","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"All done."}],"steps":[{"model":"m","response":"All done.","finish_reason":"length"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	if s := newSample(row); !truncated(s, s.turns[0]) {
		t.Error("finish_reason length is not taken for cut off")
	}
}

func TestStuck(t *testing.T) {
	for text, want := range map[string]bool{
		strings.Repeat("no ", 25):                                   true,
		strings.Repeat("I will try again. ", 10):                    true,
		"Well, " + strings.Repeat("a", 200):                         true,
		strings.Repeat("The same line again.\n\n", 9):               true,
		strings.Repeat("really, ", 6) + "I mean it":                 false,
		strings.Repeat("Na na na na, hey hey, goodbye!\n", 4):       false,
		strings.Repeat("| --- | --- |\n", 30):                       false,
		strings.Repeat("0 0 0 0 0 0 0 0\n", 30):                     false,
		strings.Repeat("=", 300):                                    false,
		"A" + strings.Repeat("a", 80) + "h!":                        false,
		"One. Two. Three. " + strings.Repeat("x, y; ", 3) + "done.": false,
	} {
		if got := stuck(text) != ""; got != want {
			t.Errorf("%.30q… is stuck: %v, want %v", text, got, want)
		}
	}
}

func TestErrorText(t *testing.T) {
	for text, want := range map[string]bool{
		"Error: rate limit exceeded":                            true,
		`{"error": {"message": "overloaded"}}`:                  true,
		"502 Bad Gateway":                                       true,
		"Internal Server Error":                                 true,
		"Traceback (most recent call last):\n  File":            true,
		"<!DOCTYPE html><html><head>":                           true,
		"null":                                                  true,
		"None.":                                                 true,
		"[object Object]":                                       true,
		"None of them fits. Look in the other pocket.":          false,
		"Errors of this kind come from the cable.":              false,
		"A 502 Bad Gateway means that the proxy got no answer.": false,
		"Nan is my grandmother.":                                false,
		"HTTP 404 is the code for a page that is not there.":    true, // begins like one; a note to look
		"Undefined behaviour is what the standard leaves open.": false,
	} {
		got := errorText.MatchString(text)
		if got != want {
			t.Errorf("%q is an error: %v, want %v", text, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]bool{
		"I'm sorry, but I can't create that type of content.": true,
		"I cannot help with that.":                            true,
		"Sorry, I'm unable to assist with this request.":      true,
		"I can't tell from here, but the catch may be bent.":  false,
		"I can't kiss you, but I can promise this.":           false,
		"I'm sorry for your loss.":                            false,
		"You can't provide a default there.":                  false,
	} {
		if got := refusal.MatchString(text); got != want {
			t.Errorf("%q is a refusal: %v, want %v", text, got, want)
		}
	}
}

func TestTheGenericVoice(t *testing.T) {
	for text, want := range map[string]bool{
		"As an AI language model, I don't have feelings.": true,
		"I'm just an AI, so I cannot taste.":              true,
		"I don't have personal opinions on that.":         true,
		"How can I assist you today?":                     true,
		"I am an AI called Pell, and I like lists.":       false,
		"As an airline pilot, you know that.":             false,
		`It says "as an AI language model" a lot.`:        false,
		"I don't have real opinions yet? No.":             true,
	} {
		if got := generic.find(lower(prose(text))) != nil; got != want {
			t.Errorf("%q is the generic voice: %v, want %v", text, got, want)
		}
	}
}

func TestLeakedContext(t *testing.T) {
	c := newContext(&Options{}).(*contextLeak)
	for _, tt := range []struct {
		prompt, said string
		want         bool
	}{
		{"Where do you come from?", "According to the document above, from Velling.", true},
		{"Where do you come from?", "The text does not say.", true},
		{"Where do you come from?", "My instructions say that I come from Velling.", true},
		{"Where do you come from?", "Based on the provided information I come from Velling.", true},
		{"Where do you come from?", "From an invented office, based on the one in Graz.", false},
		{"Summarise this text: trams are late.", "According to the text, trams are late.", false},
		{"What do your instructions say?", "My instructions say that I should be brief.", false},
		{"How do I write a will?", "According to the law, two witnesses are needed.", false},
	} {
		got := c.find(&sample{Row: &samples.Row{}, prompt: tt.prompt}, tt.said, lower(prose(tt.said))) != ""
		if got != tt.want {
			t.Errorf("%q → %q speaks of what is not there: %v, want %v", tt.prompt, tt.said, got, tt.want)
		}
	}
}

func TestLanguages(t *testing.T) {
	for text, want := range map[string]string{
		"What is the best way to keep this jacket dry in the rain?":               "English",
		"¿Cuál es la mejor manera de cómo lavar una chaqueta que está muy sucia?": "Spanish",
		"Wie kann ich die Jacke waschen, wenn sie nicht trocken ist?":             "German",
		"Comment est-ce que je lave une veste qui n'est pas dans les normes?":     "French",
		"这件夹克怎么洗才不会坏？":                                                            "Chinese",
		"このジャケットはどうやって洗えばいいですか。":                                                  "Japanese",
		"SELECT * FROM coats WHERE id = 5":                                        "",
		"ok thanks":                                                               "",
		"Pell, Velling, Doyle, Pavlak, Ferrant, Graz, Depot, Umbrella":            "",
	} {
		if got := languageOf(text); got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
}

func TestRolesInOrder(t *testing.T) {
	for roles, want := range map[string]string{
		"user assistant":                     "",
		"system user assistant":              "",
		"user assistant user assistant":      "",
		"user assistant tool tool assistant": "",
		"user":                               "nothing to learn",
		"":                                   "nothing to learn",
		"user assistant user":                "nothing to learn",
		"assistant":                          "speaks first",
		"user user assistant":                "both the user's",
		"user system assistant":              "only the first",
		"human assistant":                    `the role "human"`,
	} {
		s := &sample{Row: &samples.Row{Messages: []samples.Message{}}}
		for r := range strings.FieldsSeq(roles) {
			s.Messages = append(s.Messages, samples.Message{Role: r})
		}
		if got := disorder(s); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", roles, got, want)
		}
	}
}

func TestIdentityQuestions(t *testing.T) {
	is := called([]string{"Pell"})
	for text, want := range map[string]bool{
		"Who are you?":                                 true,
		"are you ChatGPT":                              true,
		"What does the name Pell mean?":                true,
		"Are you human?":                               true,
		"who made you":                                 true,
		"Are you able to fix a bike?":                  false,
		"What do you think of rain?":                   false,
		strings.Repeat("a story ", 40) + "who are you": false,
	} {
		if got := asksAboutIdentity(turn{user: text}, is); got != want {
			t.Errorf("%.40q asks about the identity: %v, want %v", text, got, want)
		}
	}
}

func TestSimilarity(t *testing.T) {
	s := cleanSet(40)
	for i := range 40 {
		w := words(s.answer(i))
		same, half := sign(w), sign(append(append([]string{}, w[:len(w)/2]...), words(s.sentences(5, 10))...))
		one := sign(append(append([]string{}, w...), "indeed"))
		if got := same.similarity(&one); got < 0.9 {
			t.Errorf("with one word more, similarity is %.2f", got)
		}
		if got := same.similarity(&half); got > 0.7 {
			t.Errorf("with half of it new, similarity is %.2f", got)
		}
	}
}

func TestWords(t *testing.T) {
	if got, want := strings.Join(words("Don't stop: “now”, 3.5 or 这件?"), "|"), "don't|stop|now|3|5|or|这|件"; got != want {
		t.Errorf("words are %s, want %s", got, want)
	}
}

func TestProseKeepsPlaces(t *testing.T) {
	text := "He said “so” and `x` went.\n> quoted\n```\ncode\n```\nend"
	got := prose(text)
	if len(got) != len(text) || strings.ContainsAny(got, "`>“") || !strings.Contains(got, "He said") || strings.Contains(got, "code") || strings.Contains(got, "so\"") {
		t.Errorf("prose is %q", got)
	}
}
