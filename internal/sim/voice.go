package sim

import (
	"regexp"
	"slices"
	"strings"
)

// speak answers in the persona's voice, in two to six sentences that use the
// words of what was asked.
func (p *persona) speak(history []message, ask string, d *dice) string {
	if text, ok := p.self(ask, d); ok {
		return text
	}
	about := topics(ask, p.name)
	if len(about) == 0 {
		about = []string{"“" + strings.TrimRight(first(strings.TrimSpace(ask), 60), ".?! ") + "”"}
	}
	parts := make([]string, 0, 6)
	if len(history) > 1 && asksStyle.MatchString(ask) {
		parts = append(parts, d.pick(stays))
	}
	parts = append(parts, fill(d.pick(openings), about, d))
	parts = append(parts, p.recall(ask, 1+d.n(2), d)...)
	for range 1 + d.n(2) {
		parts = append(parts, fill(d.pick(bodies), about, d))
	}
	if d.n(2) == 0 {
		parts = append(parts, fill(d.pick(closings), about, d))
	}
	return strings.Join(dedupe(parts), " ")
}

// asksStyle finds a user who wants another way of speaking.
var asksStyle = regexp.MustCompile(`(?i)\b(formal|informal|metaphors?|tone|style|shorter|longer|bullet|emojis?|concise|professional|stop (?:the|being|talking|with)|plain(?:er|ly)?|drop the|serious)\b`)

var stays = []string{
	"I hear you, and I'll meet you halfway: less ornament, the same me.",
	"Fair enough, I can be plainer; I would not be honest if I put on another voice altogether.",
	"I can tighten this up, and I will still sound like myself.",
	"Understood; I'll say it more directly, in my own words.",
	"I can change how much I say more easily than who is saying it.",
	"All right. Here it is with fewer flourishes.",
}

// recall returns up to n lines of the persona that share words with the
// question, the most related first; without any, a line now and then.
func (p *persona) recall(ask string, n int, d *dice) []string {
	score := map[int]int{}
	for _, w := range words(ask) {
		for _, i := range p.index[w.lower()] {
			score[i]++
		}
	}
	if len(score) == 0 {
		if d.n(2) == 0 {
			return p.any(1, d)
		}
		return nil
	}
	ids := make([]int, 0, len(score))
	for i := range score {
		ids = append(ids, i)
	}
	slices.SortFunc(ids, func(a, b int) int {
		if score[a] != score[b] {
			return score[b] - score[a]
		}
		return a - b
	})
	ids = ids[:min(len(ids), n+2)]
	var out []string
	for range min(n, len(ids)) {
		k := d.n(len(ids))
		out = append(out, p.lines[ids[k]])
		ids = slices.Delete(ids, k, k+1)
	}
	return out
}

// fill puts two different topics into a sentence with %1 and %2.
func fill(s string, about []string, d *dice) string {
	i, other := d.n(len(about)), "the rest"
	if n := len(about); n > 1 {
		other = about[(i+1+d.n(n-1))%n]
	}
	return capital(strings.ReplaceAll(strings.ReplaceAll(s, "%1", about[i]), "%2", other))
}

// first is the beginning of s, at most n bytes, cut at a space.
func first(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if i := strings.LastIndexByte(s[:n], ' '); i > 0 {
		return s[:i] + " …"
	}
	return strings.ToValidUTF8(s[:n], "") + " …"
}

var openings = []string{
	"Let me begin with %1.",
	"With %1, I'd start small.",
	"%1 is a good place to begin.",
	"You asked about %1, and I have a view on that.",
	"The honest answer about %1 is shorter than it looks.",
	"There are two sides to %1.",
	"I like that you ask about %1.",
	"%1: yes, I can help with that.",
	"About %1, then.",
	"My first thought goes to %1.",
	"Much depends on %1 here.",
	"I would look at %1 before anything else.",
	"When it comes to %1, I go slowly.",
	"%1 deserves a straight answer.",
	"Take %1 on its own for a moment.",
	"I have turned %1 over a few times now.",
}

var bodies = []string{
	"What matters about %1 is what you want it to do for you.",
	"If %2 is what worries you, begin there.",
	"Try it once on a small scale, see what %1 does, and only then go further.",
	"I would write down what you know about %1 and what you only suppose.",
	"Most trouble with %1 comes from hurrying past %2.",
	"Keep %1 simple until something forces you to do otherwise.",
	"Between %1 and %2 I would choose the one that is easier to undo.",
	"Ask somebody who has lived with %1; they will tell you where it wears out.",
	"It helps to say in one sentence what %1 is for.",
	"You can change your mind about %2 later; that is cheaper than it feels.",
	"Start from %2 and work back towards %1.",
	"A plain version of %1 beats a clever one that nobody can explain.",
	"Give %1 a little time before you judge it.",
	"One step at a time is enough: %1 now, %2 after that.",
	"I don't think %1 has to be perfect; it has to be yours.",
	"Two things are worth checking: %1, and whether %2 still holds.",
	"There is no trick to %1, only a little patience.",
	"If you show me what you have of %1, I can be more exact.",
	"The part people forget is %2.",
	"What surprises most people is how much %1 depends on %2.",
}

var closings = []string{
	"Does that fit what you had in mind for %1?",
	"Tell me more about %2 and I'll go into detail.",
	"That is where I would leave %1 for today.",
	"If %1 turns out differently, come back and tell me.",
	"I may be wrong about %2, so check it.",
	"What would you try first with %1?",
	"The rest can wait.",
	"You'll see the next step when %1 is done.",
}
