package sim

import (
	"bytes"
	"strings"
)

// stream writes a reply as server-sent events: for each choice one event per
// few words and one that ends it, then the usage if it was asked for, then [DONE].
func stream(to *bytes.Buffer, reply *completion, counted bool) {
	event := *reply
	event.Object, event.Usage = "chat.completion.chunk", nil
	send := func(c ...choice) {
		event.Choices = append([]choice{}, c...) // never null
		to.WriteString("data: ")
		encode(to, &event)
		to.WriteByte('\n')
	}
	for _, c := range reply.Choices {
		send(choice{Index: c.Index, Delta: &said{Role: "assistant", Reasoning: c.Message.Reasoning}})
		for _, piece := range pieces(c.Message.Content) {
			send(choice{Index: c.Index, Delta: &said{Content: piece}})
		}
		send(choice{Index: c.Index, Delta: &said{}, Finish: c.Finish})
	}
	if event.Usage = reply.Usage; counted {
		send()
	}
	to.WriteString("data: [DONE]\n\n")
}

// pieces splits a text after every fourth space.
func pieces(s string) []string {
	var out []string
	for s != "" {
		end := 0
		for range 4 {
			i := strings.IndexByte(s[end:], ' ')
			if i < 0 {
				end = len(s)
				break
			}
			end += i + 1
		}
		out = append(out, s[:end])
		s = s[end:]
	}
	return out
}
