package sim

import (
	"hash/maphash"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
)

// A mind thinks of answers. It remembers the system prompts it has read, since
// a build sends the same one thousands of times.
type mind struct {
	o        Options
	seed     maphash.Seed // of the memory's index only, so it may differ by process
	personas *lru.Cache[uint64, *persona]
}

// personasKept is more system prompts than one project's models have.
const personasKept = 64

func newMind(o Options) *mind {
	c, err := lru.New[uint64, *persona](personasKept)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return &mind{o: o, seed: maphash.MakeSeed(), personas: c}
}

// A thought is one answer and the thinking before it.
type thought struct {
	text, thinking string
	id             uint64 // equal for equal requests with equal keys
}

// answer thinks of the i-th choice for r, asked with key.
func (m *mind) answer(r *request, key string, i int) thought {
	who := m.who(r.system)
	id := m.identify(r, who, key, i)
	d := dice(id)
	ask := r.last()
	t := thought{text: m.reply(r, who, ask, d), id: id}
	if who.thinks || strings.Contains(ask, "<think>") || (r.effort != "" && r.effort != "none") {
		t.thinking = ponder(ask, &d)
	}
	return t
}

// reply does what the tags in the prompt ask for.
func (m *mind) reply(r *request, who *persona, ask string, d dice) string {
	if !strings.Contains(ask, "<") {
		return who.speak(r.messages, ask, &d)
	}
	if ns := attributes(ask, "answer", "n"); len(ns) > 0 && mentions(ask, "choice") {
		return "<choice>" + d.pick(ns) + "</choice>"
	}
	if names := attributes(ask, "criterion", "name"); len(names) > 0 && mentions(ask, "pass") {
		return verdicts(names, d)
	}
	if mentions(ask, "score") {
		return "<score>" + d.pick([]string{"2", "3", "3", "4", "4", "5"}) + "</score>"
	}
	if mentions(ask, "prompt") {
		about, found := element(ask, "fact")
		if !found {
			about = outside(ask)
		}
		return "<prompt>" + question(about, subject(ask, who), &d) + "</prompt>"
	}
	if text, found := element(ask, "paragraph"); found && mentions(ask, "fact") {
		return m.facts(text, subject(ask, who), d)
	}
	return who.speak(r.messages, outside(ask), &d)
}

// identify is the number all choices of an answer are made from. The system
// prompt enters by the digest that its persona keeps.
func (m *mind) identify(r *request, who *persona, key string, i int) uint64 {
	parts := make([]string, 0, 8+2*len(r.messages))
	parts = append(parts, key, r.model, strconv.Itoa(i))
	for _, msg := range r.messages {
		parts = append(parts, msg.role, msg.content)
	}
	return hash(mix(m.o.Seed)^who.digest, parts...)
}

// who returns the persona that the system messages describe.
func (m *mind) who(system []byte) *persona {
	if len(system) == 0 {
		return nobody
	}
	index := maphash.Bytes(m.seed, system)
	if p, ok := m.personas.Get(index); ok {
		return p
	}
	var texts []string
	for s := (&scanner{b: system}); s.peek() != 0; {
		raw, ok := s.skip()
		if !ok {
			break
		}
		text, _ := content(raw)
		texts = append(texts, text)
	}
	p := meet(strings.Join(texts, "\n\n"))
	m.personas.Add(index, p)
	return p
}

// subject is whom facts are about: the name the prompt gives, or the persona's.
func subject(ask string, who *persona) string {
	if name, ok := element(ask, "name"); ok {
		return name
	}
	if who.name != "" {
		return who.name
	}
	return "the narrator"
}
