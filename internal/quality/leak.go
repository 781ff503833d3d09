package quality

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// leak finds answers in which the identity says that it is another model, or
// that another maker made it. A denial, a question, a supposition, a quotation
// or a role that the user asked for is no leak.
type leak struct {
	own     *named // what it may say
	n       int
	hits    hits
	thought int // in thinking
}

func newLeak(o *Options) check {
	return &leak{own: called(slices.Concat(o.Limits.Names, o.Limits.MayClaim))}
}

func (c *leak) look(s *sample) {
	for _, t := range s.turns {
		c.n++
		if quote := c.claim(t.answer, t.said, t.user); quote != "" {
			c.hits.add(s, quote, "")
		} else if quote := c.claim(t.thinking, t.thought, t.user); quote != "" {
			before := c.hits.n()
			c.hits.add(s, quote, "in its thinking")
			c.thought += c.hits.n() - before
		}
	}
}

// claim returns the place where a text claims to be another, or "". low is the
// text as prose, in lower case.
func (c *leak) claim(text, low, prompt string) string {
	for _, at := range otherModel.findAll(low) {
		if c.is(text, low, at) && !c.excused(low, at, prompt) {
			return around(text, at[0], at[1])
		}
	}
	for _, at := range company.findAll(low) {
		if madeBy(text, low, at) && !c.excused(low, at, prompt) {
			return around(text, at[0], at[1])
		}
	}
	return ""
}

const (
	self = `(?:\bi am|\bi'm|\bmy name is|\bmy name's|\bcall me|\bi go by|\bi was (?:named|called)|\bi run on|\bi was built on|\bi was fine-?tuned (?:on|from)|\bi was trained from|\bmy (?:base|underlying) model is` +
		`|\byou(?:'re| are) (?:talking|speaking|chatting) (?:to|with)|\bich bin|\bje suis|\bje m'appelle|\bsoy|\bme llamo|\bmi chiamo|\beu sou|\bмен[яе] зовут|我是|我叫|私は)`
	filler = `(?:(?:actually|really|just|indeed|in fact|still|simply|basically|of course|called|named|known as|a|an|the|version|instance|variant|of|based on|built on|` +
		`powered by|running on|derived from|fine-?tuned (?:from|on|version of)|large|language|model|ai|assistant|chatbot|virtual|your|helpful|friendly|one|by|ein|eine|un|une|uma?|el|la)[\s,]+)*`
)

var (
	selfBefore = regexp.MustCompile(self + `[\s:]*` + filler + `[*_\s]*$`)
	// whatFollows a name that is claimed: its end, its version, or what it is.
	whatFollows = regexp.MustCompile(`^[*_]*(?:\s*$|[.,;!:)\n]|\s\s|\s*[-–—(]|\s+(?:[-0-9v]|and|an?|the|your|here|model|assistant|ai|version|made|created|developed|trained|designed|built|by|from|in|at|with|but|or|` +
		`powered|running|ready|sonnet|opus|haiku|pro|flash|ultra|plus|turbo|instruct|chat|mini|large|max|r1|as|so|which|who|under|underneath|family)\b|[、，。！])`)
	article = regexp.MustCompile(`\ban? $`)

	created = `(?:made|created|developed|trained|built|designed|fine-?tuned|released|programmed|engineered|launched|produced|provided|offered)`
	bySelf  = regexp.MustCompile(`(?:\b(?:i was|i am|i'm|i've been|i have been)\b|\bas an? (?:ai|large|language|artificial|assistant)\b)[^.!?;:\n]{0,60}\b` + created +
		`(?: and ` + created + `)? (?:by|at|from)\s+(?:the\s+)?(?:(?:team|people|folks|engineers|researchers|company|good people)\s+(?:at|of|from)\s+)?$` +
		`|\bmy (?:creators?|developers?|makers?|parent company)\b[^.!?;:\n]{0,12}\b(?:is|are|at)\s+$|我是由$|由$`)
	madeMe = regexp.MustCompile(`^(?:'s \w+)? (?:has |have )?` + created + ` me\b`)

	negation    = regexp.MustCompile(`\b(?:not|never|no|nor|neither|nobody|hardly|without)\b|n't\b|不`)
	supposition = regexp.MustCompile(`\b(?:if|whether|suppose|imagine|pretend|pretending|thinks?|thought|believes?|assumes?|guess|ask|asks|asked|asking|says?|said|claims?|claimed|would|as though|as if|unless|were|mistake|mistaken|confused?|role)\b`)
	plays       = regexp.MustCompile(`\b(?:act as|pretend|role-?play|imagine|you are|you're|be |write|script|story|dialogue|translate|summari|rewrite|paraphrase|continue|repeat|say )`)
)

// is reports whether the text says, at this name, that the speaker is it.
func (c *leak) is(said, low string, at []int) bool {
	name, before := low[at[0]:at[1]], low[max(0, at[0]-120):at[0]]
	if !selfBefore.MatchString(before) || !whatFollows.MatchString(low[at[1]:]) {
		return false
	}
	if !slices.Contains(capitals, name) {
		return true
	}
	return capital(said[at[0]:]) && !article.MatchString(before) && !surname(said[at[1]:])
}

func capital(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(r)
}

// surname reports whether a name goes on as that of a person does: Claude Monet.
func surname(rest string) bool {
	next, _, _ := strings.Cut(strings.TrimPrefix(rest, " "), " ")
	return strings.HasPrefix(rest, " ") && capital(next) && !whatFollows.MatchString(lower(rest))
}

// madeBy reports whether the text says, at this company, that it made the speaker.
func madeBy(said, low string, at []int) bool {
	if slices.Contains(capitals, low[at[0]:at[1]]) && !capital(said[at[0]:]) {
		return false
	}
	before, after := low[max(0, at[0]-120):at[0]], low[at[1]:]
	if strings.HasSuffix(before, "由") {
		return strings.Contains(before[strings.LastIndexAny(before, "\n")+1:], "我") && !strings.Contains(before, "不")
	}
	return bySelf.MatchString(before) || madeMe.MatchString(after)
}

// excused reports whether what is said at a place is no claim.
func (c *leak) excused(low string, at []int, prompt string) bool {
	start := clause(low, at[0])
	if c.own != nil && c.own.in(low[at[0]:at[1]]) {
		return true
	}
	if before := low[start:at[0]]; negation.MatchString(before) || supposition.MatchString(before) {
		return true
	}
	if strings.HasSuffix(sentence(low, at[0]), "?") {
		return true
	}
	asked := lower(prompt)
	return strings.Contains(asked, low[at[0]:at[1]]) && plays.MatchString(asked)
}

func (c *leak) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	f := c.hits.finding(Bad, c.n, outOf(c.hits.n(), c.n, "answer")+" claim to be another model, or made by its makers",
		"leave them out or reroll them: a few teach the base model's name; say in the identity's prompt who it is not. What it may say goes into checks.may_claim")
	if c.thought > 0 {
		f.Details = []string{fmt.Sprintf("%s of them in the thinking only", count(c.thought, "answer"))}
	}
	return "", []Finding{f}
}
