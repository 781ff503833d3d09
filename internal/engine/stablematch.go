package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

const (
	// sameParagraph is how much of its words an edited paragraph shares with
	// what it was.
	sameParagraph = 0.5
	// sameRow is how much of their substance two rows share that say the same.
	sameRow = 0.75
)

// A lockedFrom is what rows may be kept from: locked rows, and the words that
// an edit of the paragraph took out or put in. A row with such a word may say
// something that is no longer so, or was not so before.
type lockedFrom struct {
	rows       []lockedRow
	gone, come map[string]bool
}

// source finds the locked rows of a paragraph: of the same one, else of the one
// that is most like it.
func (s *stability) source(now *lockedSource) lockedFrom {
	if same := s.byID[now.ID]; same != nil {
		return lockedFrom{rows: same.Rows}
	}
	words := wordCounts(now.Text)
	var best *lockedSource
	most := 0.0
	for _, old := range s.old {
		if likeness := dice(wordCounts(old.Text), words); likeness >= sameParagraph && likeness > most {
			best, most = old, likeness
		}
	}
	if best == nil {
		return lockedFrom{}
	}
	old := wordCounts(best.Text)
	return lockedFrom{rows: best.Rows, gone: fewer(words, old), come: fewer(old, words)}
}

// match finds for each text the locked row that says the same, or nil. Each
// locked row stands for one text at most; the same words come first, then what
// is most alike.
func match(from lockedFrom, paragraph string, texts []string) []*lockedRow {
	out := make([]*lockedRow, len(texts))
	used := make([]bool, len(from.rows))
	for i, text := range texts {
		for k := range from.rows {
			if !used[k] && from.rows[k].Text == text {
				out[i], used[k] = &from.rows[k], true
				break
			}
		}
	}
	type pair struct {
		text, row int
		likeness  float64
	}
	var pairs []pair
	in := wordCounts(paragraph)
	for i, text := range texts {
		for k := range from.rows {
			if out[i] != nil || used[k] {
				continue
			}
			if likeness := from.likeness(in, from.rows[k].Text, text); likeness >= sameRow {
				pairs = append(pairs, pair{i, k, likeness})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.likeness, a.likeness) })
	for _, p := range pairs {
		if out[p.text] == nil && !used[p.row] {
			out[p.text], used[p.row] = &from.rows[p.row], true
		}
	}
	return out
}

// likeness compares the substance of two rows: their words that stand in the
// paragraph. Words of the model's own, as "the text says", are none. Rows that
// differ in a number or a negation, or have a word of the edit, are not alike.
func (f lockedFrom) likeness(paragraph map[string]int, was, now string) float64 {
	old, new := wordCounts(was), wordCounts(now)
	for w := range old {
		if f.gone[w] || (decisive(w) && new[w] != old[w]) {
			return 0
		}
	}
	for w := range new {
		if f.come[w] || (decisive(w) && new[w] != old[w]) {
			return 0
		}
	}
	return dice(substance(old, paragraph), substance(new, paragraph))
}

func substance(words, paragraph map[string]int) map[string]int {
	out := map[string]int{}
	for w, n := range words {
		if paragraph[w] > 0 {
			out[w] = n
		}
	}
	return out
}

var negations = []string{"no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "without", "cannot"}

// decisive says that a word alone changes what a sentence says.
func decisive(w string) bool {
	return strings.ContainsFunc(w, unicode.IsDigit) || slices.Contains(negations, w) || strings.HasSuffix(w, "n't")
}

// fewer are the words that a has less often than b.
func fewer(a, b map[string]int) map[string]bool {
	out := map[string]bool{}
	for w, n := range b {
		if a[w] < n {
			out[w] = true
		}
	}
	return out
}

// dice is twice the words in common over the words of both.
func dice(a, b map[string]int) float64 {
	common, all := 0, 0
	for w, n := range a {
		common += min(n, b[w])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 0
	}
	return 2 * float64(common) / float64(all)
}

func wordCounts(text string) map[string]int {
	out := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’'
	}) {
		if w = strings.Trim(strings.ReplaceAll(w, "’", "'"), "'"); w != "" {
			out[w]++
		}
	}
	return out
}

// stringsOf joins the texts of a value, without its id.
func stringsOf(v any) string {
	text, err := canonical(v)
	var tree any
	if err != nil || json.Unmarshal(text, &tree) != nil {
		return ""
	}
	var parts []string
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case string:
			if name != "id" {
				parts = append(parts, v)
			}
		case []any:
			for _, one := range v {
				walk("", one)
			}
		case map[string]any:
			names := make([]string, 0, len(v))
			for n := range v {
				names = append(names, n)
			}
			slices.Sort(names)
			for _, n := range names {
				walk(n, v[n])
			}
		}
	}
	walk("", tree)
	return strings.Join(parts, "\n")
}

// textField returns a row's field, if it is a text.
func textField(v any, field string) (string, bool) {
	text, err := marshal(v)
	var all map[string]json.RawMessage
	if v == nil || err != nil || json.Unmarshal(text, &all) != nil {
		return "", false
	}
	var out *string
	if json.Unmarshal(all[field], &out) != nil || out == nil {
		return "", false
	}
	return *out, true
}

// withText returns a row with the id and the text of a locked one.
func withText(v any, field string, locked lockedRow) (any, error) {
	text, err := marshal(v)
	if err != nil {
		return nil, err
	}
	members, err := ordered(text)
	if err != nil {
		return nil, err
	}
	var o object
	for _, m := range members {
		switch {
		case m.name == "id":
			o = o.str("id", locked.ID)
		case m.name == field:
			o = o.str(field, locked.Text)
		default:
			o = o.raw(m.name, m.value)
		}
	}
	out := reflect.New(reflect.TypeOf(v))
	if err := json.Unmarshal(o.end(), out.Interface()); err != nil {
		return nil, fmt.Errorf("the locked row %q does not fit: %w", locked.ID, err)
	}
	return out.Elem().Interface(), nil
}
