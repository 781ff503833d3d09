package samples

import (
	"encoding/json"

	"github.com/identity-shaping/isf/internal/chattext"
)

// talk are the other shapes of a conversation: a row that trainers read has one
// of them in the place of messages.
type talk struct {
	Conversations json.RawMessage `json:"conversations"` // ShareGPT's
	Text          json.RawMessage `json:"text"`          // what a family of models reads
}

// shareGPT are the names that ShareGPT has for roles.
var shareGPT = map[string]string{"human": "user", "gpt": "assistant"}

// messages returns the conversation, nil if there is none: a table may have a
// text of its own.
func (t talk) messages() (all []Message) {
	var turns []struct{ From, Value *string }
	if json.Unmarshal(t.Conversations, &turns) == nil {
		for _, turn := range turns {
			if turn.From == nil || turn.Value == nil {
				return nil
			}
			role := *turn.From
			if known := shareGPT[role]; known != "" {
				role = known
			}
			all = append(all, Message{role, *turn.Value})
		}
		return all
	}
	var text string
	if json.Unmarshal(t.Text, &text) == nil {
		for _, turn := range chattext.Parse(text) {
			all = append(all, Message{turn.Role, turn.Content})
		}
	}
	return all
}
