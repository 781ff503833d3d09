package quality

import (
	"regexp"
	"strings"
	"unicode"
)

// language finds answers in another language than their prompt. It speaks up
// only where both are plain, and nobody mentions a language.
type language struct {
	n    int
	hits hits
}

func newLanguage(*Options) check { return &language{} }

func (c *language) look(s *sample) {
	for _, t := range s.turns {
		if t.user == "" {
			continue
		}
		asked, answered := languageOf(t.user), languageOf(t.said)
		if asked == "" || answered == "" {
			continue
		}
		c.n++
		if asked != answered && !mentionsLanguage.MatchString(lower(t.user)) {
			c.hits.add(s, beginning(t.answer), "asked in "+asked+", answered in "+answered)
		}
	}
}

func (c *language) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	severity := Look
	if c.hits.n() >= fewestAlike {
		severity = above(c.hits.n(), c.n, 0.05, Look, Bad)
	}
	return "", []Finding{c.hits.finding(severity, c.n,
		outOf(c.hits.n(), c.n, "answer")+" are in another language than their prompt",
		"say in the identity's prompt that it answers in the language it is spoken to in, and reroll these")}
}

var mentionsLanguage = regexp.MustCompile(`translat|traduc|übersetz|tradu[iz]|перевед|翻译|翻訳|번역|language|\blingua|idioma|sprache|язык` +
	`|english|spanish|french|german|portuguese|italian|dutch|russian|chinese|mandarin|japanese|korean|arabic|hindi|latin|greek|turkish|polish` +
	`|inglés|ingles|español|anglais|français|englisch|deutsch|inglês|português|inglese|italiano|英语|英文|中文|日本語|한국어|영어|английск|русск`)

// commonWords of languages in Latin letters, those that only one of them has.
var commonWords = map[string]map[string]bool{
	"English":    wordSet("the and is of that it you for was with are this have be not what how but they from your can will would there which"),
	"Spanish":    wordSet("el los las que una por para con está como pero más este esta son del cuando muy también qué cómo hay ser tiene puede"),
	"French":     wordSet("le les des est une dans pour que qui pas vous je sur avec plus sont nous cette mais être ce du au aux c'est et"),
	"German":     wordSet("der die und das ist nicht ein eine ich sie mit den auf für von zu dem auch es sich wie oder wenn aber bei kann dass wir"),
	"Portuguese": wordSet("os que uma para com não em por mais como dos das ao são você está também mas foi pelo pela ser tem isso seu sua"),
	"Italian":    wordSet("il che di una per con sono non della dei gli nel alla più anche come questo questa è essere ma ho hai puoi lo"),
	"Dutch":      wordSet("de het een en van ik is dat niet op te zijn met voor je er aan ook als maar om dan naar bij wordt hebben"),
}

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// Scripts other than Latin that tell a language, or a group of them.
var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{
	{"a Cyrillic script", unicode.Cyrillic},
	{"Arabic", unicode.Arabic},
	{"Korean", unicode.Hangul},
	{"Greek", unicode.Greek},
	{"Hebrew", unicode.Hebrew},
	{"Thai", unicode.Thai},
	{"Devanagari", unicode.Devanagari},
	{"Kana", unicode.Hiragana},
	{"Kana", unicode.Katakana},
	{"Han", unicode.Han},
	{"Latin", unicode.Latin},
}

// languageOf guesses a text's language, or the script of it; "" where that is
// not plain.
func languageOf(text string) string {
	letters, latins, total := scriptsOf(text)
	if k := letters["Kana"]; k*10 > total && k >= 5 {
		return "Japanese"
	}
	if k := letters["Han"]; k*2 > total && k >= 6 {
		return "Chinese"
	}
	for name, n := range letters {
		if n*4 > total*3 && n >= 20 {
			return name
		}
	}
	if latins*10 < total*9 {
		return ""
	}
	return latin(words(text))
}

// scriptsOf counts the letters of a text by script.
func scriptsOf(text string) (others map[string]int, latins, total int) {
	others = map[string]int{}
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		total++
		if r < 0x250 || unicode.Is(unicode.Latin, r) {
			latins++
			continue
		}
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				others[s.name]++
				break
			}
		}
	}
	return others, latins, total
}

// Of a text in Latin letters so many words have to be common ones of its
// language, and twice as many as of any other.
const (
	fewestWords  = 8
	fewestCommon = 4
	commonShare  = 0.18
)

func latin(words []string) string {
	if len(words) < fewestWords {
		return ""
	}
	best, most, second := "", 0, 0
	for name, common := range commonWords {
		n := 0
		for _, w := range words {
			if common[w] {
				n++
			}
		}
		switch {
		case n > most:
			best, most, second = name, n, most
		case n > second:
			second = n
		}
	}
	if most < fewestCommon || float64(most) < commonShare*float64(len(words)) || most < 2*second {
		return ""
	}
	return best
}
