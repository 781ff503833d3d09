package cache

import "strconv"

// A Tag says what a field of a request is. Tags are written into keys and
// entries: a number is never reused and never changes its kind or class, so
// that a new tag leaves every old key as it was.
//
// The number decides the class, so that a version that has never heard of a tag
// still computes the key of an entry that has it.
type Tag uint16

// A Class says what a field means for the key.
type Class uint8

const (
	Text      Class = iota + 1 // shapes the answer; in the key
	Limit                      // bounds the answer; names the variant
	Transport                  // shapes only how the request travels
)

// A Kind says how the value of a field is written.
type Kind uint8

const (
	KindString Kind = iota + 1 // the bytes themselves
	KindInt                    // 8 bytes, big endian, two's complement
	KindFloat                  // 8 bytes, big endian, IEEE 754; -0 is written as 0
	KindBool                   // 1 byte, 0 or 1
	KindTree                   // free JSON as a typed, length-prefixed tree
)

const (
	TagOrigin Tag = 1 // who answers: provider and model, or the name of shared weights

	// Tags of messages. TagRole begins a message; the others belong to the
	// message whose role came last, and their order is the order of its parts.
	TagRole       Tag = 2
	TagContent    Tag = 3
	TagName       Tag = 4
	TagToolCalls  Tag = 5
	TagToolCallID Tag = 6
	TagPrefill    Tag = 7 // the answer goes on from this message
	TagPartText   Tag = 8
	TagPartMedia  Tag = 9 // kind, media type and digest; never the bytes
	TagReasoning  Tag = 10

	TagTools          Tag = 20
	TagToolChoice     Tag = 21
	TagResponseFormat Tag = 22

	TagTemperature        Tag = 30
	TagTopP               Tag = 31
	TagTopK               Tag = 32
	TagMinP               Tag = 33
	TagFrequencyPenalty   Tag = 34
	TagPresencePenalty    Tag = 35
	TagRepetitionPenalty  Tag = 36
	TagSeed               Tag = 37
	TagStop               Tag = 38 // one field per stop sequence
	TagN                  Tag = 39
	TagLogitBias          Tag = 40
	TagReasoningEffort    Tag = 41
	TagChatTemplateKwargs Tag = 42
	TagExtra              Tag = 43

	TagDraw    Tag = 60 // which of several answers; absent when 0
	TagAttempt Tag = 61 // how many answers user code has rejected; absent when 0
	TagReroll  Tag = 62 // how often a person asked for another; absent when 0

	TagMaxTokens Tag = 80

	TagWireModel      Tag = 100 // the model string that the body carries
	TagStream         Tag = 101
	TagUser           Tag = 102
	TagMetadata       Tag = 103
	TagServiceTier    Tag = 104
	TagCacheControl   Tag = 105
	TagExtraTransport Tag = 106
)

const (
	lastMessageTag    Tag = 19 // tags up to here, and above TagOrigin, are parts of messages
	firstLimitTag     Tag = 80
	firstTransportTag Tag = 100
)

// A tagInfo is what this version knows of a tag: nothing, if it is a later one's.
type tagInfo struct {
	name string
	kind Kind
}

// tags are by number, because each field of each request is looked up several
// times.
var tags = [...]tagInfo{
	TagOrigin:             {"origin", KindString},
	TagRole:               {"role", KindString},
	TagContent:            {"content", KindString},
	TagName:               {"name", KindString},
	TagToolCalls:          {"tool_calls", KindTree},
	TagToolCallID:         {"tool_call_id", KindString},
	TagPrefill:            {"prefill", KindBool},
	TagPartText:           {"part.text", KindString},
	TagPartMedia:          {"part.media", KindTree},
	TagReasoning:          {"reasoning", KindString},
	TagTools:              {"tools", KindTree},
	TagToolChoice:         {"tool_choice", KindTree},
	TagResponseFormat:     {"response_format", KindTree},
	TagTemperature:        {"temperature", KindFloat},
	TagTopP:               {"top_p", KindFloat},
	TagTopK:               {"top_k", KindInt},
	TagMinP:               {"min_p", KindFloat},
	TagFrequencyPenalty:   {"frequency_penalty", KindFloat},
	TagPresencePenalty:    {"presence_penalty", KindFloat},
	TagRepetitionPenalty:  {"repetition_penalty", KindFloat},
	TagSeed:               {"seed", KindInt},
	TagStop:               {"stop", KindString},
	TagN:                  {"n", KindInt},
	TagLogitBias:          {"logit_bias", KindTree},
	TagReasoningEffort:    {"reasoning_effort", KindString},
	TagChatTemplateKwargs: {"chat_template_kwargs", KindTree},
	TagExtra:              {"extra", KindTree},
	TagDraw:               {"draw", KindInt},
	TagAttempt:            {"attempt", KindInt},
	TagReroll:             {"reroll", KindInt},
	TagMaxTokens:          {"max_tokens", KindInt},
	TagWireModel:          {"model", KindString},
	TagStream:             {"stream", KindBool},
	TagUser:               {"user", KindString},
	TagMetadata:           {"metadata", KindTree},
	TagServiceTier:        {"service_tier", KindString},
	TagCacheControl:       {"cache_control", KindTree},
	TagExtraTransport:     {"extra_transport", KindTree},
}

// Name is the name of the field as APIs spell it, and "tag N" for a tag of a
// later version.
func (t Tag) Name() string {
	if d := t.info(); d.name != "" {
		return d.name
	}
	return "tag " + strconv.Itoa(int(t))
}

func (t Tag) info() tagInfo {
	if int(t) < len(tags) {
		return tags[t]
	}
	return tagInfo{}
}

// Class is decided by the number alone.
func (t Tag) Class() Class {
	switch {
	case t < firstLimitTag:
		return Text
	case t < firstTransportTag:
		return Limit
	}
	return Transport
}

// Kind is 0 for a tag of a later version.
func (t Tag) Kind() Kind { return t.info().kind }

// rank orders fields for the key: parts of messages keep the order they were
// given in, everything else goes by tag. So the order in which a program lists
// settings never reaches the key.
func (t Tag) rank() Tag {
	if t > TagRole && t <= lastMessageTag {
		return TagRole
	}
	return t
}
