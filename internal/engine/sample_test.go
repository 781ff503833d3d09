package engine

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
)

// TestThinkingOfEarlierTurns sends a conversation to a model that wants the
// thinking of its turns back, and to one that does not.
func TestThinkingOfEarlierTurns(t *testing.T) {
	answer := (&Response{&cache.Entry{Text: "<think>Hm, hm.</think>\nYes."}}).Message()
	tests := []struct {
		name        string
		in          Messages
		strip, echo []dispatch.Message
	}{
		{
			"an answer",
			Messages{answer, {Role: "user", Content: "Why?"}},
			[]dispatch.Message{{Role: "assistant", Content: "Yes."}, {Role: "user", Content: "Why?"}},
			[]dispatch.Message{{Role: "assistant", Content: "Yes.", Reasoning: "Hm, hm."}, {Role: "user", Content: "Why?"}},
		},
		{
			"a turn of a row, with its tags",
			Messages{{Role: "assistant", Content: "<think>A</think> B "}, {Role: "user", Content: "C"}},
			[]dispatch.Message{{Role: "assistant", Content: "B"}, {Role: "user", Content: "C"}},
			[]dispatch.Message{{Role: "assistant", Content: "B", Reasoning: "A"}, {Role: "user", Content: "C"}},
		},
		{
			"what a user says about tags, and white space",
			Messages{{Role: "user", Content: "What is <think>x</think>?"}, {Role: "assistant", Content: " \n"}, {Role: "user", Content: "C"}},
			[]dispatch.Message{{Role: "user", Content: "What is <think>x</think>?"}, {Role: "assistant", Content: " \n"}, {Role: "user", Content: "C"}},
			[]dispatch.Message{{Role: "user", Content: "What is <think>x</think>?"}, {Role: "assistant", Content: " \n"}, {Role: "user", Content: "C"}},
		},
		{
			"the beginning of an answer",
			Messages{{Role: "user", Content: "C"}, {Role: "assistant", Content: "<think>"}},
			[]dispatch.Message{{Role: "user", Content: "C"}, {Role: "assistant", Content: "<think>"}},
			[]dispatch.Message{{Role: "user", Content: "C"}, {Role: "assistant", Content: "<think>"}},
		},
	}
	for _, tt := range tests {
		if got := tt.in.wire(false); !reflect.DeepEqual(got, tt.strip) {
			t.Errorf("%s, strip: got %+v, want %+v", tt.name, got, tt.strip)
		}
		if got := tt.in.wire(true); !reflect.DeepEqual(got, tt.echo) {
			t.Errorf("%s, echo: got %+v, want %+v", tt.name, got, tt.echo)
		}
	}
	if row, err := json.Marshal(answer); err != nil || string(row) != `{"role":"assistant","content":"Yes."}` {
		t.Errorf("as a row it is %s, %v, want no thinking in it", row, err)
	}
}
