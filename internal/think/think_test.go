package think

import "testing"

func TestLenientAcceptsNoTagsOrOneOrderedPair(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                     "",
		"<think>a</think>b":         "",
		"<think>a":                  "unclosed_think_tag",
		"a</think>b":                "orphaned_close_tags",
		"<think>a</think></think>b": "extra_close_tags",
		"<think><think>a</think>b":  "multiple_open_tags_2",
		"<think>a</think><think>a</think><think>":    "multiple_open_tags_3",
		"</think>a<think>":                           "think_tags_wrong_order",
		"<THINK>tags are literal and case-sensitive": "",
	} {
		if got := Lenient(text); got != want {
			t.Errorf("Lenient(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestStrictNamesTheFirstFault(t *testing.T) {
	for text, want := range map[string]string{
		"  <think>a</think> b ":    "",
		"b":                        "missing_think_tag",
		"b <think>a</think>":       "missing_think_tag",
		"<think>a<think></think>b": "multiple_open_tags_2",
		"<think>a":                 "unclosed_think_tag",
		"<think>a</think></think>": "multiple_close_tags_2",
		"<think> \n</think>b":      "empty_thinking",
		"<think>a</think>\n ":      "empty_response",
	} {
		if got := Strict(text); got != want {
			t.Errorf("Strict(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestStripLeavesTheAnswer(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                   "plain",
		"<think>a</think>\n\n b ": "b",
		"x <think>a</think> y <think>b</think> z": "x y z",
		"rest of a thought</think>b":              "b",
		"<think>never closed":                     "never closed",
		"<think>a</think>b</think>c":              "c",
	} {
		if got := Strip(text); got != want {
			t.Errorf("Strip(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestExtractTakesTheFirstPair(t *testing.T) {
	for text, want := range map[string][2]string{
		"plain ":                             {"", "plain"},
		"<think> a </think> b":               {"a", "b"},
		"<think>a</think>b<think>c</think>d": {"a", "b<think>c</think>d"},
		"<think>a":                           {"", "<think>a"},
	} {
		thinking, rest := Extract(text)
		if got := [2]string{thinking, rest}; got != want {
			t.Errorf("Extract(%q) = %q, want %q", text, got, want)
		}
	}
}
