package sim

import "strings"

// ponder is the thinking before an answer to ask.
func ponder(ask string, d *dice) string {
	about := topics(outside(ask))
	if len(about) == 0 {
		about = []string{"this"}
	}
	parts := []string{fill(d.pick(noticing), about, d), fill(d.pick(weighing), about, d)}
	return strings.Join(parts, " ")
}

var noticing = []string{
	"They ask about %1.",
	"So this is about %1, and perhaps about %2.",
	"The question names %1 first.",
	"%1 is what matters here, I think.",
	"Let me see: %1, then %2.",
}

var weighing = []string{
	"I should be brief and keep to what I know about %2.",
	"I'd rather answer %1 directly than list everything.",
	"A short, warm answer will do; %2 can come later.",
	"I want to sound like myself and stay with %1.",
	"Better to say plainly what I would do about %1.",
}
