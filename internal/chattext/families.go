package chattext

import "strings"

// qwen3 is the template of Qwen3: the answers to the last question keep their
// thinking, and the very last has a pair of tags even if it did not think.
func qwen3(b *strings.Builder, turns []Turn) {
	question := len(turns) - 1
	for i := len(turns) - 1; i >= 0; i-- {
		if turns[i].Role == user && !isToolResponse(turns[i].Text) {
			question = i
			break
		}
	}
	for i, t := range turns {
		b.WriteString("<|im_start|>" + t.Role + "\n")
		if t.Role == assistant && i > question && (i == len(turns)-1 || t.Thinking != "") {
			b.WriteString("<think>\n" + t.Thinking + "\n</think>\n\n")
			t.Text = strings.TrimLeft(t.Text, "\n")
		}
		b.WriteString(t.Text + "<|im_end|>\n")
	}
}

func isToolResponse(text string) bool {
	return strings.HasPrefix(text, "<tool_response>") && strings.HasSuffix(text, "</tool_response>")
}

// deepseekHead is how all templates of DeepSeek begin: with all system messages,
// wherever they stand.
func deepseekHead(b *strings.Builder, turns []Turn) {
	b.WriteString("<｜begin▁of▁sentence｜>")
	sep := ""
	for _, t := range turns {
		if t.Role == system {
			b.WriteString(sep + t.Text)
			sep = "\n\n"
		}
	}
}

// deepseek is the template of DeepSeek-V3.1: an answer that is not the last, or
// did not think, begins behind a closing tag.
func deepseek(b *strings.Builder, turns []Turn) {
	deepseekHead(b, turns)
	asked := false
	for i, t := range turns {
		switch t.Role {
		case user:
			b.WriteString("<｜User｜>" + t.Text)
			asked = true
		case assistant:
			if asked {
				b.WriteString("<｜Assistant｜>")
				if i == len(turns)-1 && t.Thinking != "" {
					b.WriteString("<think>" + t.Thinking)
				}
				b.WriteString("</think>")
			}
			b.WriteString(t.Text + "<｜end▁of▁sentence｜>")
			asked = false
		}
	}
}

// deepseekR1 is the template of DeepSeek-R1, which opens the tag for the model:
// the last answer thinks, if only for a line, and all others are bare.
func deepseekR1(b *strings.Builder, turns []Turn) {
	deepseekHead(b, turns)
	for i, t := range turns {
		switch t.Role {
		case user:
			b.WriteString("<｜User｜>" + t.Text)
		case assistant:
			b.WriteString("<｜Assistant｜>")
			if i == len(turns)-1 {
				b.WriteString("<think>\n" + t.Thinking + "\n</think>\n\n")
			}
			b.WriteString(t.Text + "<｜end▁of▁sentence｜>")
		}
	}
}

// deepseekV3 is the template of DeepSeek-V3-0324, which knows no thinking.
func deepseekV3(b *strings.Builder, turns []Turn) {
	deepseekHead(b, turns)
	for i, t := range turns {
		switch t.Role {
		case user:
			b.WriteString("<｜User｜>" + t.Text + "<｜Assistant｜>")
		case assistant:
			b.WriteString(t.unread(i == len(turns)-1) + "<｜end▁of▁sentence｜>")
		}
	}
}

// unread is what a template that knows no thinking gets of an answer: of the
// last one all, as plain text. Earlier ones are history, which is sent without.
func (t Turn) unread(last bool) string {
	if last {
		return t.Content
	}
	return t.Text
}

// kimi is the template of Kimi-K2-Thinking. A conversation without a system
// message gets the template's own.
func kimi(b *strings.Builder, turns []Turn) {
	if len(turns) == 0 || turns[0].Role != system {
		kimiTurn(b, system, system, "You are Kimi, an AI assistant created by Moonshot AI.")
	}
	for i, t := range turns {
		name := t.Name
		if name == "" {
			name = t.Role
		}
		text := t.Text
		if t.Role == assistant {
			thinking := ""
			if i == len(turns)-1 {
				thinking = t.Thinking
			}
			text = "<think>" + thinking + "</think>" + text
		}
		kimiTurn(b, t.Role, name, text)
	}
}

// kimiInstruct is the template of Kimi-K2-Instruct as it was first published,
// which knows no thinking, and another system message of its own.
func kimiInstruct(b *strings.Builder, turns []Turn) {
	if len(turns) > 0 && turns[0].Role != system {
		kimiTurn(b, system, system, "You are a helpful assistant")
	}
	for i, t := range turns {
		kimiTurn(b, t.Role, t.Role, t.unread(i == len(turns)-1))
	}
}

func kimiTurn(b *strings.Builder, role, name, text string) {
	b.WriteString("<|im_" + role + "|>" + name + "<|im_middle|>" + text + "<|im_end|>")
}

// gptOSSHead is the system message that the template of gpt-oss writes by
// itself. Its date is that of the model's release, so that an equal dataset is
// equal bytes on any day.
const gptOSSHead = "You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: 2024-06\nCurrent date: 2025-08-05\n\n" +
	"Reasoning: medium\n\n# Valid channels: analysis, commentary, final. Channel must be included for every message."

// gptOSS is the template of gpt-oss (Harmony): a system message is the
// developer's, thinking is the analysis channel of the last answer.
func gptOSS(b *strings.Builder, turns []Turn) {
	b.WriteString("<|start|>system<|message|>" + gptOSSHead + "<|end|>")
	for i, t := range turns {
		switch t.Role {
		case system:
			if t.Text != "" {
				b.WriteString("<|start|>developer<|message|># Instructions\n\n" + t.Text + "\n\n<|end|>")
			}
		case user:
			b.WriteString("<|start|>user<|message|>" + t.Text + "<|end|>")
		case assistant:
			last, end := i == len(turns)-1, "<|end|>"
			if last {
				end = "<|return|>"
			}
			if last && t.Thinking != "" {
				b.WriteString("<|start|>assistant<|channel|>analysis<|message|>" + t.Thinking + "<|end|>")
			}
			b.WriteString("<|start|>assistant<|channel|>final<|message|>" + t.Text + end)
		}
	}
}
