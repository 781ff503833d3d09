package chattext

import (
	"regexp"
	"strings"
)

// Turns are found by their markup, which no text of a turn holds.
var (
	chatMLTurn = regexp.MustCompile(`(?s)<\|im_start\|>(.*?)\n(.*?)<\|im_end\|>`)
	kimiTurnRE = regexp.MustCompile(`(?s)<\|im_(\w+)\|>.*?<\|im_middle\|>(.*?)<\|im_end\|>`)
	gptOSSTurn = regexp.MustCompile(`(?s)<\|start\|>(\w+)(?:<\|channel\|>(\w+))?<\|message\|>(.*?)(?:<\|end\|>|<\|return\|>)`)
)

// Parse reads a text that a Renderer wrote, of whichever family, for somebody to
// look at: its turns have Role and Content. Thinking that the template left out
// is not there, and an empty pair of tags is none. It returns nil for any other
// text.
func Parse(text string) []Turn {
	switch {
	case strings.HasPrefix(text, "<|im_start|>"):
		return parse(chatMLTurn, text)
	case strings.HasPrefix(text, "<|im_"):
		return parse(kimiTurnRE, text)
	case strings.HasPrefix(text, "<|start|>"):
		return parseGPTOSS(text)
	case strings.HasPrefix(text, "<｜begin▁of▁sentence｜>"):
		return parseDeepSeek(text)
	}
	return nil
}

func parse(turn *regexp.Regexp, text string) (turns []Turn) {
	for _, m := range turn.FindAllStringSubmatch(text, -1) {
		turns = append(turns, Turn{Role: m[1], Content: withoutEmpty(m[2])})
	}
	return turns
}

// withoutEmpty drops a pair of tags that holds nothing, or the half of it that
// a template left.
func withoutEmpty(answer string) string {
	for _, tags := range []string{"<think>\n\n</think>\n\n", "<think></think>", "</think>"} {
		if rest, ok := strings.CutPrefix(answer, tags); ok {
			return rest
		}
	}
	return answer
}

func parseGPTOSS(text string) (turns []Turn) {
	thinking := ""
	for _, m := range gptOSSTurn.FindAllStringSubmatch(text, -1) {
		role, channel, said := m[1], m[2], m[3]
		switch {
		case channel == "analysis":
			thinking = "<think>" + said + "</think>\n"
			continue
		case role == "developer":
			said = strings.TrimSuffix(strings.TrimPrefix(said, "# Instructions\n\n"), "\n\n")
		}
		turns = append(turns, Turn{Role: role, Content: thinking + said})
		thinking = ""
	}
	return turns
}

func parseDeepSeek(text string) (turns []Turn) {
	roles := map[string]string{"begin▁of▁sentence": system, "User": user, "Assistant": assistant, "end▁of▁sentence": assistant}
	for piece := range strings.SplitSeq(strings.TrimPrefix(text, "<｜"), "<｜") {
		token, said, _ := strings.Cut(piece, "｜>")
		role := roles[token]
		if role == "" {
			return nil
		}
		if said != "" {
			turns = append(turns, Turn{Role: role, Content: withoutEmpty(said)})
		}
	}
	return turns
}
