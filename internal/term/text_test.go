package term

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSafeMakesVisibleWhatActs(t *testing.T) {
	for _, tc := range []struct{ in, text, line string }{
		{"plain, Ünïcode, 漢字 🙂", "plain, Ünïcode, 漢字 🙂", "plain, Ünïcode, 漢字 🙂"},
		{"a\tb\nc", "a\tb\nc", `a\tb\nc`},
		{"\x1b[2J\x07\x00\x7f", `\x1b[2J\x07\x00\x7f`, `\x1b[2J\x07\x00\x7f`},
		{"over\rwritten", `over\rwritten`, `over\rwritten`},
		{"\u202egnp.exe\u2066", `\u202egnp.exe\u2066`, `\u202egnp.exe\u2066`},
		{"\u0085\u009b31m", `\x85\x9b31m`, `\x85\x9b31m`},
		{"raw \x9b31m \xff", `raw \x9b31m \xff`, `raw \x9b31m \xff`},
		{"\u2028\u2029\ufeff\u200b", `\u2028\u2029\ufeff\u200b`, `\u2028\u2029\ufeff\u200b`},
		{"tag \U000e0041", `tag \U000e0041`, `tag \U000e0041`},
		{"👩\u200d🌾 می\u200cخواهم \ufffd", "👩\u200d🌾 می\u200cخواهم \ufffd", "👩\u200d🌾 می\u200cخواهم \ufffd"},
		{"", "", ""},
	} {
		if got := Safe(tc.in); got != tc.text {
			t.Errorf("Safe(%q) got %q, want %q", tc.in, got, tc.text)
		}
		if got := SafeLine(tc.in); got != tc.line {
			t.Errorf("SafeLine(%q) got %q, want %q", tc.in, got, tc.line)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a\x1b\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range SafeLine(s) {
			if acts(r) {
				t.Errorf("SafeLine(%q) let %q through", s, r)
			}
		}
		if twice := Safe(Safe(s)); twice != Safe(s) {
			t.Errorf("Safe(%q) is not safe the second time", s)
		}
	})
}

func TestWrapBreaksAtSpaces(t *testing.T) {
	for _, tc := range []struct {
		in    string
		width int
		want  string
	}{
		{"the quick brown fox", 10, "the quick|brown fox"},
		{"the  quick", 20, "the quick"},
		{"a\n\nb c", 10, "a||b c"},
		{"漢字漢字 漢字", 5, "漢字|漢字|漢字"},
		{"longestword b", 5, "longe|stwor|d b"},
		{"", 5, ""},
		{"\x1b[1mbold\x1b[0m word", 9, "\x1b[1mbold\x1b[0m word"},
	} {
		if got := strings.Join(Wrap(tc.in, tc.width), "|"); got != tc.want {
			t.Errorf("Wrap(%q, %d) got %q, want %q", tc.in, tc.width, got, tc.want)
		}
	}
}

func TestCutLeftAndRightCountColumns(t *testing.T) {
	got := []string{Cut("identity", 5), Cut("漢字漢字", 5), Cut("ab", 5), Cut("ab", 0), Left("漢", 4) + "|", Right("漢", 4), Left("abc", 2)}
	want := []string{"iden…", "漢字…", "ab", "", "漢  |", "  漢", "abc"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{Count(0), "0"},
		{Count(1204), "1,204"},
		{Count(-1234567), "-1,234,567"},
		{Short(950), "950"},
		{Short(1000), "1.0k"},
		{Short(34_400), "34k"},
		{Short(1_234_567), "1.2M"},
		{Short(999_600), "1.0M"},
		{Short(9_960), "10k"},
		{Bytes(82_854_982), "83 MB"},
		{Bytes(12), "12 B"},
		{Bytes(-12), "-12 B"},
		{Plural(1, "record"), "1 record"},
		{Plural(1204, "record"), "1,204 records"},
		{Plural(2, "entry"), "2 entries"},
		{Plural(0, "key"), "0 keys"},
		{Money(0), "$0"},
		{Money(12_300_000), "$0.0123"},
		{Money(1), "<$0.0001"},
		{Money(4_200_000_000), "$4.20"},
		{Money(999_990_000), "$0.9999"},
		{Money(1_204_499_999_999), "$1,204.50"},
		{Money(-12_300_000), "-$0.0123"},
		{Duration(0), "0s"},
		{Duration(12 * time.Millisecond), "12ms"},
		{Duration(340 * time.Millisecond), "0.3s"},
		{Duration(19 * time.Second), "19s"},
		{Duration(9_960 * time.Millisecond), "10s"},
		{Duration(59_700 * time.Millisecond), "1m 00s"},
		{Duration(200 * time.Second), "3m 20s"},
		{Duration(2*time.Hour + 5*time.Minute), "2h 05m"},
		{Duration(76 * time.Hour), "3d 4h"},
		{Duration(-19 * time.Second), "-19s"},
		{PerSecond(0), ""},
		{PerSecond(41.2), "41/s"},
		{PerSecond(3.21), "3.2/s"},
		{PerSecond(0.05), "3/min"},
		{PerSecond(12345), "12,345/s"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestColoursOnlyWhereTheyAreWanted(t *testing.T) {
	if got, want := (Screen{Colours: true}).Red("x"), "\x1b[31mx\x1b[0m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Screen{}).Bold("x"); got != "x" {
		t.Errorf("got %q, want no colours in a pipe", got)
	}
	if got := (Screen{}).Width(); got != 80 {
		t.Errorf("got width %d of a pipe, want 80", got)
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	r, w, err := openPipe(t)
	if err != nil {
		t.Fatal(err)
	}
	if s := ScreenOf(w); s.Terminal || s.Colours || IsTerminal(r) {
		t.Errorf("got %+v of a pipe", s)
	}
}

func openPipe(t *testing.T) (r, w *os.File, err error) {
	t.Helper()
	r, w, err = os.Pipe()
	if err == nil {
		t.Cleanup(func() { r.Close(); w.Close() })
	}
	return r, w, err
}
