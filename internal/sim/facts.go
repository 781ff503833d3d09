package sim

import "strings"

// facts answers an extraction: one <fact> for each sentence of the paragraph. A
// sentence gives the same fact wherever it stands and whoever asks, so that an
// edit of one sentence makes one new fact. Only Reword varies the wording.
func (m *mind) facts(paragraph, subject string, d dice) string {
	var b strings.Builder
	for _, s := range sentences(paragraph) {
		if len(strings.Fields(s)) < fewestWords {
			continue
		}
		b.WriteString("<fact>" + m.word(restate(s, subject), d) + "</fact>\n")
	}
	if b.Len() == 0 {
		b.WriteString("<fact>" + m.word(restate(paragraph, subject), d) + "</fact>\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// fewestWords of a sentence that says something alone. "Not yet." does not.
const fewestWords = 4

// word returns the fact as it is, or with Reword in one of several wordings.
func (m *mind) word(fact string, d dice) string {
	if !m.o.Reword {
		return fact
	}
	d ^= dice(hash(0, fact))
	frame := d.pick(wordings)
	body := strings.TrimRight(fact, ".!")
	if frame[0] != '%' && !strings.HasPrefix(body, "I") && strings.HasPrefix(body, "The ") {
		body = "the " + body[len("The "):]
	}
	return strings.Replace(frame, "%", body, 1)
}

var wordings = []string{
	"%.", "It is true that: %.", "The text says: %.", "Worth knowing: %.", "%, as the text tells it.",
	"%, in so many words.", "One fact: %.", "As told here: %.", "%, and this is plainly said.", "It is told that: %.",
}
