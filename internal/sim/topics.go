package sim

import "strings"

// topics are the phrases a text is about, in order, without repeats: runs of
// words that carry meaning, with the article before them. Names listed in
// without are no topics.
func topics(text string, without ...string) []string {
	var out []string
	seen := map[string]bool{}
	var run []word
	det := ""
	flush := func() {
		if p := phrase(det, run); p != "" && !seen[strings.ToLower(p)] {
			seen[strings.ToLower(p)] = true
			out = append(out, p)
		}
		run, det = nil, ""
	}
	for _, w := range words(text) {
		l := w.lower()
		if w.before != "" {
			flush()
		}
		switch {
		case determiners[l] != "":
			flush()
			det = determiners[l]
		case among(l, without):
			flush()
		case carries(l), det != "" && len(run) == 0 && strings.HasSuffix(l, "ed"): // "a linked list"
			run = append(run, w)
		default:
			flush()
		}
		if w.after != "" || len(run) == 3 {
			flush()
		}
	}
	flush()
	return out
}

// phrase writes a run of words as it would stand inside a sentence.
func phrase(det string, run []word) string {
	if len(run) == 0 {
		return ""
	}
	cores := make([]string, 0, 4)
	if det != "" {
		cores = append(cores, det)
	}
	for _, w := range run {
		cores = append(cores, w.core)
	}
	return strings.Join(cores, " ")
}

// carries reports whether a word in lower case says something by itself.
func carries(l string) bool {
	if len(l) < 3 || common[l] || past[l] || strings.Contains(l, "'") {
		return false
	}
	return !strings.HasSuffix(l, "ly") && (!strings.HasSuffix(l, "ed") || len(l) < 5)
}

func among(l string, names []string) bool {
	for _, n := range names {
		for _, f := range strings.Fields(strings.ToLower(n)) {
			if l == f || l == f+"'s" {
				return true
			}
		}
	}
	return false
}

// determiners, as somebody who speaks to the text's subject says them.
var determiners = map[string]string{
	"the": "the", "a": "a", "an": "an", "this": "this", "these": "these", "those": "those",
	"my": "your", "your": "your", "its": "its", "their": "their", "our": "our", "his": "his", "her": "her",
	"every": "every", "each": "each", "no": "no", "some": "some", "two": "two", "three": "three",
}

// common words carry no topic.
var common = set(`about above across after again against ago all almost along already also although always am among and
another any anybody anyone anything are aren't around ask asked asks away back because been before begin begins behind being below beside
best better between both but call called came can cannot could come comes did does doing done don't down during either else enough
even ever everybody everyone everything explain far few feel feels find finds first for from gave get gets getting give gives given go goes
going good got had has have having he hear help helps hence here him himself how however if into isn't it itself just keep keeps
kind know knows last least less let like likes little long look looks lot made make makes making many may maybe me mean means
might mine more most much must myself name near need needs neither never next nobody none nor not nothing now of off often once
one only onto or other others ought ourselves out over own perhaps please put quite rather really right said same saw say says
see seem seems seen she should show since so somebody someone something sometimes soon still such sure take takes tell tells than
that the them themselves then there they thing things think thinks though through till to today together told too took toward
towards try trying turn two under until up upon us use used uses using usually very want wants was way ways we well went were what
whatever when whenever where whether which while who whole whom whose why will with within without won't word words would write
yes yet you your yours yourself is in at by as on be do i narrator`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
