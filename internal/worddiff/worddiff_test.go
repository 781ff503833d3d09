package worddiff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWordsShowsWhatAWriterChanged(t *testing.T) {
	got := Words("The mill is old.\nIt stands.", "The mill is very old.\nIt fell.")
	want := []Span{{Kept, "The mill is "}, {New, "very "}, {Kept, "old.\nIt "}, {Old, "stands."}, {New, "fell."}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSpansPutTogetherAreTheTexts(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "b", "c ", "\n", " ", "dé ", "\n\n"})
	rapid.Check(t, func(t *rapid.T) {
		was, now := join(rapid.SliceOf(word).Draw(t, "was")), join(rapid.SliceOf(word).Draw(t, "now"))
		var old, new string
		for _, s := range Words(was, now) {
			if s.Op != New {
				old += s.Text
			}
			if s.Op != Old {
				new += s.Text
			}
		}
		if old != was || new != now {
			t.Fatalf("spans make %q and %q, want %q and %q", old, new, was, now)
		}
	})
}

func join(words []string) (text string) {
	for _, w := range words {
		text += w
	}
	return text
}

func TestHunksAreTheLinesThatDiffer(t *testing.T) {
	was := "a\nb\nc\nd\n"
	for now, want := range map[string][]Hunk{
		was:               nil,
		"a\nB\nc\nd\n":    {{2, "b\n", "B\n"}},
		"x\na\nb\nc\nD\n": {{1, "", "x\n"}, {5, "d\n", "D\n"}},
		"a\nd":            {{2, "b\nc\nd\n", "d"}},
		"":                {{1, was, ""}},
	} {
		if d := cmp.Diff(want, Lines(was, now)); d != "" {
			t.Errorf("%q: %s", now, d)
		}
	}
}

func TestAlikeIsTheShareOfKeptWords(t *testing.T) {
	for _, tt := range []struct {
		was, now string
		want     float64
	}{
		{"", "", 1},
		{"one two", "one two", 1},
		{"aa bb cc dd", "aa bb cc ee", 18.0 / 22},
		{"aa bb", "", 0},
		{"aa", "bb", 0},
	} {
		if got := Alike(tt.was, tt.now); got != tt.want {
			t.Errorf("Alike(%q, %q) = %v, want %v", tt.was, tt.now, got, tt.want)
		}
		if there, back := Alike(tt.was, tt.now), Alike(tt.now, tt.was); there != back {
			t.Errorf("%q is to %q %v, and the other way round %v", tt.was, tt.now, there, back)
		}
	}
}

func TestParagraphsThatDiffer(t *testing.T) {
	was := "# Mill\n\nThe mill is old.\nIt stands.\n\nNobody\nlives there.\n"
	for now, want := range map[string][]Hunk{
		was: nil,
		"# Mill\n\nThe mill is old.\nIt fell.\n\nNobody\nlives there.\n":        {{4, "The mill is old. It stands.", "The mill is old. It fell."}},
		"# Mill\n\n\nThe mill is\nold. It stands.\n\nNobody lives there.\n":     nil,
		"# Mill\n\nNew.\n\nThe mill is old.\nIt stands.\n\nNobody\nlives here.": {{3, "", "New."}, {9, "Nobody lives there.", "Nobody lives here."}},
		"# Mill\n\nThe mill is old.\nIt stands.\n":                              {{5, "Nobody lives there.", ""}},
		"# Mill\n\nThe mill is new.\nIt stands.\n\nNobody\nlives here.\n": {
			{3, "The mill is old. It stands.", "The mill is new. It stands."}, {7, "Nobody lives there.", "Nobody lives here."},
		},
	} {
		if d := cmp.Diff(want, Paragraphs(was, now)); d != "" {
			t.Errorf("%q: %s", now, d)
		}
	}
}

func TestAnExcerptKeepsWordsBesideChanges(t *testing.T) {
	got := Excerpt(Words("a b c d old e f g h i j k old l m n", "a b c d new e f g h i j k new l m n"), 2)
	want := []Span{
		{Kept, "… c d "}, {Old, "old "}, {New, "new "}, {Kept, "e f … j k "}, {Old, "old "}, {New, "new "}, {Kept, "l m …"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
