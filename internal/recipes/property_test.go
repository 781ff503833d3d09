package recipes

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The largest mix in proportion, found by counting up: the oracle multiplies
// integers, where quotas divides fractions.
func naiveQuotas(weights []int64, available []int) []int {
	sum := int64(0)
	for _, w := range weights {
		sum += w
	}
	// size = min(available*sum/weight), as the fraction num/den.
	var num, den int64 = -1, 1
	for i, w := range weights {
		n := int64(available[i]) * sum
		if num < 0 || n*den < num*w {
			num, den = n, w
		}
	}
	given := make([]int, len(weights))
	for i, w := range weights {
		for int64(given[i]+1)*sum*den <= num*w {
			given[i]++
		}
	}
	return given
}

func TestSharesAreExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(rt, "categories")
		weights := rapid.SliceOfN(rapid.Int64Range(1, 1000), n, n).Draw(rt, "weights")
		available := rapid.SliceOfN(rapid.IntRange(0, 2000), n, n).Draw(rt, "available")
		digits := rapid.IntRange(0, 6).Draw(rt, "digits")
		r := &Recipe{Mode: Weighted}
		for _, w := range weights {
			scaled, _ := new(big.Rat).SetString(fmt.Sprintf("%de-%d", w, digits))
			r.Categories = append(r.Categories, Category{Weight: scaled})
		}
		got := quotas(r, available)
		if want := naiveQuotas(weights, available); !slices.Equal(got, want) {
			rt.Errorf("weights %v of %v: got %v, want %v", weights, available, got, want)
		}
	})
}

func TestATenthAndAHalfOf99LoseNoSample(t *testing.T) {
	r := parse(t, "mode: weighted\nweights: {a: .1, b: 0.5}\ncategories: {a: {pipelines: [style]}, b: {pipelines: [behaviour]}}")
	if got := quotas(r, []int{1000, 99}); !slices.Equal(got, []int{19, 99}) {
		t.Errorf("got %v, want [19 99]", got)
	}
}

// A plan is a recipe over made rows, with all that decides the outcome.
type plan struct {
	text    string
	sources []string // names of the pipelines
	owner   []string // their categories
	ids     [][]string
	seed    *int64
	most    int
	weights []int64
}

func drawPlan(rt *rapid.T) plan {
	p := plan{sources: known.Datasets, owner: []string{"one", "one", "two"}}
	for i := range p.sources {
		p.ids = append(p.ids, rapid.SliceOfN(rapid.StringMatching(`[a-c]{1,2}`), 1, 30).Draw(rt, fmt.Sprintf("ids %d", i)))
	}
	if rapid.Bool().Draw(rt, "shuffled") {
		seed := rapid.Int64().Draw(rt, "seed")
		p.seed = &seed
		p.text += fmt.Sprintf("shuffle_seed: %d\n", seed)
	}
	if rapid.Bool().Draw(rt, "bounded") {
		p.most = rapid.IntRange(1, 20).Draw(rt, "max_per_source")
		p.text += fmt.Sprintf("max_per_source: %d\n", p.most)
	}
	if rapid.Bool().Draw(rt, "weighted") {
		p.weights = []int64{rapid.Int64Range(1, 9).Draw(rt, "weight of one"), rapid.Int64Range(1, 9).Draw(rt, "weight of two")}
		p.text += fmt.Sprintf("mode: weighted\nweights: {one: 0.%d, two: 0.%d}\n", p.weights[0], p.weights[1])
	}
	p.text += "categories: {one: {pipelines: [facts-qa, style]}, two: {pipelines: [behaviour]}}\n"
	return p
}

// expected is the outcome by the words of docs/recipes.md, all in memory.
func (p plan) expected() []string {
	type item struct {
		name     string
		key      uint64
		at       int
		category int
		source   int
	}
	var all []item
	available := []int{0, 0}
	for s, ids := range p.ids {
		category := map[string]int{"one": 0, "two": 1}[p.owner[s]]
		before := map[string]int{}
		for n, id := range ids {
			it := item{fmt.Sprintf("%s/%d", p.sources[s], n), 0, len(all), category, s}
			if p.seed != nil {
				it.key = shuffleKey(*p.seed, p.owner[s], Source{Kind: FromPipeline, Name: p.sources[s]}, id)
				if k := before[id]; k > 0 {
					it.key = repeatKey(it.key, k)
				}
				before[id]++
			}
			all = append(all, it)
		}
		n := len(ids)
		if p.most > 0 {
			n = min(n, p.most)
		}
		available[category] += n
	}
	given := available
	if p.weights != nil {
		given = naiveQuotas(p.weights, available)
	}
	slices.SortStableFunc(all, func(a, b item) int { return cmp.Compare(a.key, b.key) })
	taken, used := make([]int, len(p.ids)), make([]int, 2)
	out := []string{}
	for _, it := range all {
		if used[it.category] < given[it.category] && (p.most == 0 || taken[it.source] < p.most) {
			used[it.category]++
			taken[it.source]++
			out = append(out, it.name)
		}
	}
	return out
}

func TestAMixIsWhatTheDocumentsSay(t *testing.T) {
	dir := newFolder(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		for s, ids := range p.ids {
			var b strings.Builder
			for n, id := range ids {
				fmt.Fprintf(&b, `{"id":%q,"messages":[{"role":"user","content":"%s/%d"}]}`+"\n", id, p.sources[s], n)
			}
			dir.write(p.sources[s]+".jsonl", b.String())
		}
		_, got, _ := dir.prepare(parse(t, p.text))
		var names []string
		for line := range strings.Lines(got) {
			names = append(names, strings.Split(line, `"`)[13])
		}
		if diff := gocmp.Diff(p.expected(), names); diff != "" && len(names) > 0 {
			rt.Errorf("%s(-want +got):\n%s", p.text, diff)
		}
	})
}

func TestAShuffleIsTheSameOnEveryMachine(t *testing.T) {
	// Computed elsewhere, from the text in docs/recipes.md.
	src := Source{Kind: FromPipeline, Name: "style"}
	if got := shuffleKey(7, "one", src, "a"); got != 0xb7e559e29f7b51b2 {
		t.Errorf("the key is %#x", got)
	}
	if got := repeatKey(0xb7e559e29f7b51b2, 1); got != 0x524ab53997b503cc {
		t.Errorf("the key of a repeat is %#x", got)
	}
}

func TestOneMoreRowMovesNoOther(t *testing.T) {
	f := newFolder(t)
	r := parse(t, "shuffle_seed: 7\ncategories: {one: {pipelines: [style]}}")
	f.write("style.jsonl", thoughts("s", 100))
	_, before, _ := f.prepare(r)
	f.write("style.jsonl", thought("new")+thoughts("s", 100))
	_, after, _ := f.prepare(r)
	rest := slices.DeleteFunc(ids(t, after), func(id string) bool { return id == "new" })
	if diff := gocmp.Diff(ids(t, before), rest); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if slices.IsSorted(rest) {
		t.Error("the rows were not shuffled")
	}
}

func TestASplitIsStableByID(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("s", 2000))
	const categories = "\ncategories: {one: {pipelines: [style]}}"
	m, train, held := f.prepare(parse(t, "split: {train: 9, validation: 1}"+categories))
	if m.Train+m.Validation != 2000 || len(ids(t, train)) != m.Train || len(ids(t, held)) != m.Validation {
		t.Errorf("got %d and %d", m.Train, m.Validation)
	}
	if m.Validation < 150 || m.Validation > 250 {
		t.Errorf("a tenth of 2000 is %d", m.Validation)
	}
	_, _, more := f.prepare(parse(t, "shuffle_seed: 3\nsplit: {train: 80, validation: 20}"+categories))
	for _, id := range ids(t, held) {
		if !slices.Contains(ids(t, more), id) {
			t.Fatalf("%s left the validation set when it grew", id)
		}
	}
}

func TestSortingInFilesIsSorting(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 500).Draw(rt, "records")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		s := newSorter(dir)
		s.most = rapid.IntRange(1, 100).Draw(rt, "in memory")
		want := make([]record, n)
		for i := range want {
			want[i] = newRecord(rng.Uint64N(10), rng.Uint64(), uint64(i))
			if err := s.add(want[i]); err != nil {
				rt.Fatal(err)
			}
		}
		slices.SortFunc(want, func(a, b record) int { return slices.Compare(a[:], b[:]) })
		got := []record{}
		if err := s.each(func(r record) error { got = append(got, r); return nil }); err != nil {
			rt.Fatal(err)
		}
		if !slices.Equal(got, want) {
			rt.Errorf("%d records, %d in memory: out of order", n, s.most)
		}
	})
}
