package sim

import "strings"

// restate turns a sentence told in the first person into one about subject, so
// that it can be understood alone: "I keep my own hours" becomes "Ada keeps
// Ada's own hours". What others say, in quotation marks, stays.
func restate(sentence, subject string) string {
	ws := words(strings.Map(dropMarkup, sentence))
	quoted := false
	for i := range ws {
		if opensQuote(ws[i].before) {
			quoted = true
		}
		if !quoted {
			about(ws, i, subject)
		}
		if closesQuote(ws[i].after) {
			quoted = false
		}
	}
	return capital(join(ws))
}

// about rewrites the word at i if it speaks of the teller.
func about(ws []word, i int, subject string) {
	switch l := ws[i].lower(); l {
	case "i":
		ws[i].core = subject
		agree(ws, i)
	case "i'm":
		ws[i].core = subject + " is"
	case "i've":
		ws[i].core = subject + " has"
	case "i'd":
		ws[i].core = subject + " would"
	case "i'll":
		ws[i].core = subject + " will"
	case "me":
		ws[i].core = subject
	case "my":
		ws[i].core = subject + "'s"
	case "mine":
		ws[i].core = subject + "'s"
	case "myself":
		ws[i].core = "itself"
	}
}

// agree makes the verb of the subject at i third person: the word before it in
// a question, else the first after it that is not an adverb.
func agree(ws []word, i int) {
	if i > 0 && ws[i-1].after == "" {
		if v, ok := irregular[ws[i-1].lower()]; ok {
			ws[i-1].core = v
			return
		}
	}
	for j := i + 1; j < len(ws) && ws[j-1].after == ""; j++ {
		l := ws[j].lower()
		if adverbs[l] || strings.HasSuffix(l, "ly") {
			continue
		}
		ws[j].core = third(l, ws[j].core)
		return
	}
}

// third is the third person of a verb, or the word itself when it has none:
// past tenses and modal verbs are the same for everybody.
func third(l, core string) string {
	if v, ok := irregular[l]; ok {
		return v
	}
	switch {
	case past[l] || fixed[l] || strings.HasSuffix(l, "ed"):
		return core
	case strings.HasSuffix(l, "y") && len(l) > 1 && !strings.ContainsAny(l[len(l)-2:len(l)-1], "aeiou"):
		return core[:len(core)-1] + "ies"
	}
	for _, end := range []string{"s", "x", "z", "ch", "sh", "o"} {
		if strings.HasSuffix(l, end) {
			return core + "es"
		}
	}
	return core + "s"
}

var irregular = map[string]string{
	"am": "is", "have": "has", "do": "does", "don't": "doesn't", "haven't": "hasn't",
}

var adverbs = set(`never always often still just only also rather already sometimes even now then soon once ever not almost simply`)

// fixed words follow a subject and do not change.
var fixed = set(`can can't cannot could couldn't will won't would wouldn't shall should shouldn't may might must mustn't did didn't
had hadn't was wasn't is isn't were ought and or but who to in of from with as for at on by that than alone myself when if because`)

// past tenses that do not end in -ed.
var past = set(`was were had did went came saw said made took got gave found thought told became left felt put brought began kept held
wrote stood heard let meant set met ran paid sat spoke lay led read grew lost fell sent built understood drew broke spent cut rose drove
bought wore chose slept swam sang rang taught caught fought sought knew threw flew blew woke won hung shook stuck struck swore tore
forgot forgave froze hid hit hurt laid lit bent bound bred dealt dug fed fled ground hurt leapt learnt lent quit rode shone shot shut
slid sold sped spun spread stole stung swept swung wept wound burnt dreamt spelt spilt`)

// dropMarkup removes what Markdown uses for emphasis.
func dropMarkup(r rune) rune {
	if r == '*' || r == '_' || r == '`' {
		return -1
	}
	return r
}

func opensQuote(s string) bool  { return strings.ContainsAny(s, `"“`) }
func closesQuote(s string) bool { return strings.ContainsAny(s, `"”`) }
