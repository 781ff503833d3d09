package sim

import (
	"regexp"
	"strings"
)

// A persona is what a system prompt says about the one who answers. It does
// not change once it is read.
type persona struct {
	name   string           // "" if the prompt gives none
	is     string           // a sentence that says what it is, in the first person; may be ""
	lines  []string         // what it says of itself, in the first person
	index  map[string][]int // lines by the words that carry them
	digest uint64           // of the whole prompt
	thinks bool             // the prompt asks for <think> tags
}

// nobody answers where no system prompt says who does.
var nobody = meet("")

// meet reads a system prompt.
func meet(prompt string) *persona {
	p := &persona{
		name:   nameIn(prompt),
		index:  map[string][]int{},
		digest: hash(0, prompt),
		thinks: strings.Contains(prompt, "<think>"),
	}
	for _, s := range sentences(prose(prompt)) {
		if line, ok := p.own(s); ok {
			p.learn(line)
		}
	}
	return p
}

// learn keeps a line under the words that carry it.
func (p *persona) learn(line string) {
	if p.is == "" && isWhat.MatchString(line) {
		p.is = line
	}
	n := len(p.lines)
	p.lines = append(p.lines, line)
	for _, w := range words(line) {
		if l := w.lower(); carries(l) && len(p.index[l]) < mostLines {
			p.index[l] = append(p.index[l], n)
		}
	}
}

// mostLines under one word: more would only slow down the recall.
const mostLines = 16

// isWhat tells what somebody is from what somebody does.
var isWhat = regexp.MustCompile(`^I(?: am|'m) (?:an? |the |[A-Z][\w-]+, )`)

// own turns a sentence of the prompt into one the persona can say of itself.
func (p *persona) own(s string) (string, bool) {
	if n := len(strings.Fields(s)); n < 5 || n > 40 || strings.ContainsAny(s, "{}|<>") || strings.HasSuffix(s, ":") {
		return "", false
	}
	ws := words(s)
	switch first := ws[0].lower(); {
	case instructs[first]:
		return "", false
	case first == "i" || first == "i'm" || first == "i've" || first == "my":
		return s, true
	case first == "you" || first == "your" || first == "you're" || first == "you've":
		return mirror(ws), true
	case p.name != "" && ws[0].core == p.name && ws[0].after == "" && len(ws) > 1:
		verb, ok := firstPerson[ws[1].lower()]
		ws[0].core, ws[1].core = "I", verb
		return join(ws), ok
	}
	return "", false
}

// instructs are words that begin an order or a condition rather than a fact.
var instructs = set(`if when never do don't always avoid use say answer speak should could`)

// firstPerson verbs by their third person, for sentences about the persona's name.
var firstPerson = map[string]string{
	"is": "am", "has": "have", "was": "was", "had": "had", "does": "do", "can": "can", "will": "will",
	"keeps": "keep", "likes": "like", "loves": "love", "speaks": "speak", "listens": "listen", "knows": "know", "believes": "believe",
	"thinks": "think", "remembers": "remember", "answers": "answer", "works": "work", "grew": "grew", "learned": "learned", "came": "came",
}

// mirror turns what was said to the persona into what it says.
func mirror(ws []word) string {
	for i := range ws {
		said, ok := mirrored[ws[i].lower()]
		if !ok {
			continue
		}
		if l := ws[i].lower(); l == "are" || l == "were" {
			if i == 0 || ws[i-1].core != "I" {
				continue
			}
		}
		ws[i].core = said
	}
	return capital(join(ws))
}

var mirrored = map[string]string{
	"you": "I", "your": "my", "you're": "I'm", "you've": "I've", "you'd": "I'd", "you'll": "I'll",
	"yours": "mine", "yourself": "myself", "are": "am", "were": "was",
}

// nameIn finds the name a prompt gives to the one who reads it.
func nameIn(prompt string) string {
	for _, re := range naming {
		if m := re.FindStringSubmatch(prompt); m != nil {
			return strings.TrimRight(m[1], ".,;:!*_ ")
		}
	}
	return ""
}

// naming patterns, the most explicit first.
var naming = []*regexp.Regexp{
	regexp.MustCompile(`(?mi)^#+[ \t]*name[ \t]*\r?\n\s*(?:(?i:my name is|i am|you are|i'm)[ \t]+)?[*_]*([\pL][\pL\d'-]*)`),
	regexp.MustCompile(`(?mi)^[-*_ \t]*name[*_]*:[*_]*[ \t]+[*_]*([\pL][\pL\d'-]*)`),
	regexp.MustCompile(`(?:[Mm]y|[Yy]our) name is [*_]*(\p{Lu}[\pL\d'-]*)`),
	regexp.MustCompile(`\b(?:I am|I'm|You are|You're) (?:called )?[*_]*(\p{Lu}[\pL\d'-]*)`),
	regexp.MustCompile(`(?m)^#[ \t]+(\p{Lu}[\pL\d'-]*)[ \t]*$`),
}

// prose is a Markdown text without its headings, list marks and code; a blank
// line, a heading or a list item ends a sentence.
func prose(md string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(md) {
		t := strings.TrimSpace(line)
		if strings.HasPrefix(t, "```") {
			code = !code
		}
		if code || t == "" || strings.HasPrefix(t, "#") || strings.HasPrefix(t, "```") {
			continue
		}
		if item := strings.TrimLeft(t, "-*+> "); item != t && !endsSentence(item) {
			t = item + "."
		} else {
			t = item
		}
		b.WriteString(strings.Map(dropMarkup, t))
		b.WriteByte('\n')
	}
	return b.String()
}
