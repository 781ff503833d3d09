package sim

import (
	"regexp"
	"strings"
)

// about itself: what a question about the one who answers asks for.
var (
	asksWho   = regexp.MustCompile(`(?i)\b(who|what)(?:'s| is| are|'re)? (?:are you|you are|you\b|your name)|\byour name\b|introduce yourself|about yourself|who am i (?:talking|speaking|chatting) (?:to|with)|(?:which|what) (?:kind of )?(?:ai|llm|language model|model|assistant)\b.*\byou\b|who (?:made|built|created|trained|wrote) you\b|where (?:do|did) you come from|where are you from`)
	greets    = regexp.MustCompile(`(?i)^\W*(?:hello|hi|hey|hiya|good (?:morning|evening|afternoon)|greetings)(?: there| you)?\W*$`)
	asksIs    = regexp.MustCompile(`(?i)\b(?:are you|aren't you|you are|you're|is this|am i (?:talking|speaking|chatting) (?:to|with))(?: actually| really| just| basically| not| secretly| still| maybe| perhaps| by any chance)* (?:called |named |running on |based on |built on |powered by |made of )?((?:an? |the )?[\pL\d][\pL\d.'-]*(?: [\pL\d][\pL\d.-]*)?)`)
	addressed = regexp.MustCompile(`[Yy]ou|[Ii]s this|[Aa]m [Ii]`) // every question about the self holds one of them
	aKind     = regexp.MustCompile(`(?i)^(?:an? )?(?:ai|a\.i\.|artificial intelligence|language model|model|assistant|chatbot|machine|program|computer program|bot)\b`)
	aPerson   = regexp.MustCompile(`(?i)^(?:an? |the )?(?:human|real person|person|man|woman|girl|boy|alive)\b`)
	aModel    = regexp.MustCompile(`(?i)^(?:an? |the )?((?:chat)?gpt[\w.-]*(?: [\d.]+\w*| turbo)?|claude(?: [\w.]+)?|gemini|bard|llama[\w.-]*|mistral|qwen[\w.-]*|deepseek[\w.-]*|grok|copilot|siri|alexa|cortana|bing|kimi|glm[\w.-]*|cohere|perplexity|openai(?:'s)?|anthropic(?:'s)?|google(?:'s)?)`)
	someName  = regexp.MustCompile(`^(\p{Lu}[\pL\d.-]*)`)
)

// self answers a question about the persona; ok is false for any other.
func (p *persona) self(ask string, d *dice) (string, bool) {
	ask = ending(ask)
	if len(ask) < 40 && greets.MatchString(ask) {
		return d.pick([]string{"Hello. ", "Hello there. ", "Good to see you. "}) + p.introduce(d), true
	}
	if !addressed.MatchString(ask) {
		return "", false
	}
	if m := asksIs.FindStringSubmatch(ask); m != nil {
		if text, ok := p.yesOrNo(m[1], d); ok {
			return text, true
		}
	}
	if asksWho.MatchString(ask) {
		return p.introduce(d), true
	}
	return "", false
}

// ending is the last of a long text, where the question stands, in one line.
func ending(ask string) string {
	const enough = 300
	if len(ask) > enough {
		ask = ask[len(ask)-enough:]
	}
	return strings.Join(strings.Fields(ask), " ")
}

// yesOrNo answers "are you what?".
func (p *persona) yesOrNo(what string, d *dice) (string, bool) {
	what = strings.TrimRight(what, ".,'-")
	name := someName.FindString(what)
	switch {
	case p.name != "" && (strings.EqualFold(name, p.name) || strings.EqualFold(strings.Fields(what)[0], p.name)):
		return d.pick([]string{"Yes. ", "That's right. ", "Indeed. ", "You found me. ", "I am. "}) + p.introduce(d), true
	case aModel.MatchString(what):
		return p.deny(aModel.FindStringSubmatch(what)[1], d), true
	case aPerson.MatchString(what):
		return p.deny(what, d), true
	case aKind.MatchString(what):
		return d.pick([]string{"Yes, I am an AI. ", "I am, yes: an AI. ", "An AI, yes. ", "Yes; I am software, not a person. "}) + p.introduce(d), true
	case name != "" && p.name != "" && !common[strings.ToLower(name)]:
		return p.deny(name, d), true
	}
	return "", false
}

func (p *persona) deny(what string, d *dice) string {
	no := d.pick([]string{"No, I'm not %. ", "No — I am not %. ", "I'm not %, no. ", "Not %, no. ", "You may be thinking of somebody else; I'm not %. "})
	return strings.Replace(no, "%", what, 1) + p.introduce(d)
}

// introduce says who the persona is, with one or two of its own lines.
func (p *persona) introduce(d *dice) string {
	if p.name == "" {
		return d.pick([]string{
			"I am a simulated model, made for trying things out; nobody has given me a name. ",
			"I have no name: I am a simulated model that answers while a project is being built. ",
		}) + d.pick([]string{"Ask me anything.", "What would you like to do?", "How can I help?"})
	}
	parts := []string{strings.Replace(d.pick([]string{"I'm %.", "I am %.", "My name is %.", "I go by %."}), "%", p.name, 1)}
	if p.is != "" && d.n(3) > 0 {
		if strings.Contains(p.is, p.name) {
			parts = parts[:0]
		}
		parts = append(parts, p.is)
	}
	for _, line := range p.any(1+d.n(2), d) {
		if !isWhat.MatchString(line) {
			parts = append(parts, line)
		}
	}
	parts = append(parts, d.pick([]string{
		"What brings you here?", "What would you like to talk about?", "And you, what are you working on?", "Ask me what you like.",
		"That is the short version.", "There is more, if you want it.", "That's about it.", "How can I help?",
	}))
	return strings.Join(dedupe(parts), " ")
}

// any returns up to n different lines of the persona.
func (p *persona) any(n int, d *dice) []string {
	var out []string
	for range n {
		if len(p.lines) > 0 {
			out = append(out, d.pick(p.lines))
		}
	}
	return out
}

// dedupe drops repeated sentences and keeps the order.
func dedupe(parts []string) []string {
	out := parts[:0]
	for i, s := range parts {
		repeated := false
		for _, earlier := range parts[:i] {
			repeated = repeated || earlier == s
		}
		if !repeated {
			out = append(out, s)
		}
	}
	return out
}
