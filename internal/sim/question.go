package sim

import "strings"

// question is what a user might ask somebody about a fact.
func question(fact, subject string, d *dice) string {
	about := topics(fact, subject)
	fact = strings.TrimRight(strings.TrimSpace(fact), ".!?…")
	switch len(about) {
	case 0:
		return strings.Replace(d.pick(quoting), "%", fact, 1)
	case 1:
		if d.n(4) == 0 {
			return strings.Replace(d.pick(quoting), "%", fact, 1)
		}
		return capital(strings.ReplaceAll(d.pick(askingOne), "%", about[0]))
	}
	if d.n(6) == 0 {
		return strings.Replace(d.pick(quoting), "%", fact, 1)
	}
	first := d.n(len(about) - 1)
	second := first + 1 + d.n(len(about)-first-1)
	q := strings.Replace(d.pick(askingTwo), "%1", about[first], 1)
	return capital(strings.Replace(q, "%2", about[second], 1))
}

var askingTwo = []string{
	"What can you tell me about %1 and %2?",
	"How do %1 and %2 belong together for you?",
	"I keep coming back to %1. Where does %2 come into it?",
	"When you think of %1, what does %2 have to do with it?",
	"Somebody mentioned %1 and %2 in one breath. What is the story there?",
	"Would you explain how %1 led to %2?",
	"What did %1 teach you about %2?",
	"Was it %1 that mattered more to you, or %2?",
	"If I asked you about %1, would you begin with %2?",
	"Why do you speak of %1 and then of %2?",
	"What should I understand about %1 before I ask about %2?",
	"Do you remember %1? And what about %2?",
	"Is there a link between %1 and %2 in your life?",
	"I'm curious: %1, %2 — what happened?",
	"How would you describe %1 to someone who only knows %2?",
	"What changes about %1 when one knows about %2?",
}

var askingOne = []string{
	"What can you tell me about %?",
	"Why does it matter to you, %?",
	"I'd like to hear more about %. Where would you start?",
	"What comes to mind when somebody says “%”?",
	"How did % become part of who you are?",
	"What do people get wrong about %?",
	"If you had to put % in one sentence, what would it be?",
	"Tell me honestly: what is % to you?",
}

var quoting = []string{
	"I read this about you: “%.” Is that right?",
	"Somebody told me: “%.” What would you add?",
	"“%.” Is this how you would say it yourself?",
	"Is it true? “%.”",
	"They say: “%.” How did that come about?",
	"I came across the line “%.” What is behind it?",
}
