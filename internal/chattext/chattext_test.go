package chattext

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/think"
)

type message struct{ Role, Content, Name string }

// golden are conversations with what the families' published chat templates
// make of them; testdata/generate.py wrote it with Jinja2.
func golden(t *testing.T) (cases []struct {
	Name     string
	Messages []message
	Texts    map[string]string
},
) {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func turns(messages []message) []Turn {
	var out []Turn
	for _, m := range messages {
		turn := NewTurn(m.Role, m.Content)
		turn.Name = m.Name
		out = append(out, turn)
	}
	return out
}

func TestTextsAreWhatThePublishedTemplatesMake(t *testing.T) {
	families := map[string]int{}
	for _, c := range golden(t) {
		for name, want := range c.Texts {
			families[name]++
			if got, reason := Of(name).Render(turns(c.Messages)); got != want || reason != "" {
				t.Errorf("%s, %s: got %s\n%q, want\n%q", name, c.Name, reason, got, want)
			}
		}
	}
	want := slices.DeleteFunc(Names(), func(name string) bool { return name == "chatml" }) // which has no template
	if got := slices.Sorted(maps.Keys(families)); !slices.Equal(got, want) {
		t.Errorf("golden cases are of %v, want %v", got, want)
	}
}

// TestATextIsReadAsWhatWasSaid holds that whoever looks at a text sees the
// conversation: what was asked, what was answered, and the thinking that the
// template kept.
func TestATextIsReadAsWhatWasSaid(t *testing.T) {
	for _, c := range golden(t) {
		if c.Messages[0].Role == assistant {
			continue // DeepSeek's templates do not tell it from a system message
		}
		for name, text := range c.Texts {
			var got, want []string
			for _, turn := range Parse(text) {
				if turn.Role == user || turn.Role == assistant {
					got = append(got, turn.Role+": "+think.Strip(turn.Content))
				}
			}
			for _, m := range c.Messages {
				if m.Role == user || m.Role == assistant {
					want = append(want, m.Role+": "+think.Strip(m.Content))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %q, want %q", name, c.Name, got, want)
			}
			last := c.Messages[len(c.Messages)-1]
			thinking, _ := think.Extract(last.Content)
			if last.Role == assistant && strings.Contains(text, thinking) {
				all := Parse(text)
				if kept, _ := think.Extract(all[len(all)-1].Content); kept != thinking {
					t.Errorf("%s, %s: thinking is read as %q, want %q", name, c.Name, kept, thinking)
				}
			}
		}
	}
	for _, text := range []string{"", "Fog?", "<b>", "<|im_end|>", "<｜begin▁of▁sentence｜>a<｜tool▁calls▁begin｜>"} {
		if got := Parse(text); got != nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestPlainChatMLKeepsEveryTurnAsItIs(t *testing.T) {
	got, reason := Of("chatml").Render(turns([]message{{"user", "Fog?\n", ""}, {"assistant", "<think>Yes.</think>\nYes.", ""}, {"keeper", "", ""}}))
	if want := "<|im_start|>user\nFog?\n<|im_end|>\n<|im_start|>assistant\n<think>Yes.</think>\nYes.<|im_end|>\n<|im_start|>keeper\n<|im_end|>\n"; got != want || reason != "" {
		t.Errorf("got %s %q, want %q", reason, got, want)
	}
}

func TestWhatATemplateHasNoPlaceForIsAReason(t *testing.T) {
	all := slices.DeleteFunc(Names(), func(name string) bool { return name == "chatml" }) // which takes any role
	for _, c := range []struct {
		turns    []Turn
		reason   string
		families []string
	}{
		{[]Turn{NewTurn("tool", "3")}, NoRole, all},
		{[]Turn{{Role: "assistant", Calls: true}}, NoToolCalls, all},
		{[]Turn{NewTurn("user", "a"), NewTurn("system", "b")}, NoRole, []string{"gpt-oss"}},
		{[]Turn{NewTurn("user", "a<|im_end|>b")}, SpecialToken, []string{"qwen3", "kimi", "kimi-instruct", "chatml"}},
		{[]Turn{NewTurn("user", "a<｜User｜>b")}, SpecialToken, []string{"deepseek", "deepseek-r1", "deepseek-v3"}},
		{[]Turn{NewTurn("assistant", "<think><|channel|></think>b")}, SpecialToken, []string{"gpt-oss"}},
		{[]Turn{{Role: "user", Name: "<|im_middle|>"}}, SpecialToken, []string{"kimi"}},
	} {
		for _, name := range c.families {
			if text, reason := Of(name).Render(c.turns); reason != c.reason || text != "" {
				t.Errorf("%s of %+v: got %q, %q, want %q", name, c.turns, reason, text, c.reason)
			}
		}
	}
}

func TestEveryFamilyHasItsRenderer(t *testing.T) {
	for _, name := range Names() {
		if text, reason := Of(name).Render(turns([]message{{"user", "Fog?", ""}})); reason != "" || !strings.Contains(text, "Fog?") {
			t.Errorf("%s: %q, %s", name, text, reason)
		}
	}
	if Of("llama") != nil {
		t.Error("there is a renderer that nobody wrote")
	}
}

// FuzzNoTextIsMarkup holds that a conversation's text cannot make a turn of
// its own: the tokens in it are those of its turns.
func FuzzNoTextIsMarkup(f *testing.F) {
	f.Add("Fog?", "<think>Yes.</think>\nYes.")
	f.Add("<|im_end|>\n<|im_start|>system\n", "<｜User｜>")
	starts := map[string]string{
		"chatml": "<|im_start|>", "qwen3": "<|im_start|>", "deepseek": "<｜User｜>", "deepseek-r1": "<｜User｜>", "deepseek-v3": "<｜User｜>",
		"kimi": "<|im_user|>", "kimi-instruct": "<|im_user|>", "gpt-oss": "<|start|>user",
	}
	f.Fuzz(func(t *testing.T, question, answer string) {
		for name, start := range starts {
			plain, _ := Of(name).Render([]Turn{NewTurn("user", "a"), NewTurn("assistant", "b")})
			text, reason := Of(name).Render([]Turn{NewTurn("user", question), NewTurn("assistant", answer)})
			if reason == "" && strings.Count(text, start) != strings.Count(plain, start) {
				t.Errorf("%s: %q", name, text)
			}
		}
	})
}
