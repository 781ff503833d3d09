package cache

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// benchFields is a request of 16 KB, of which 12 KB are a system prompt that
// every request shares.
func benchFields(i int) Fields {
	return Fields{
		String(TagOrigin, "openrouter/z-ai/glm-4.6"),
		String(TagRole, "system"), String(TagContent, benchPrompt),
		String(TagRole, "user"), String(TagContent, "Question "+strconv.Itoa(i)+": "+benchQuestion),
		Float(TagTemperature, 0.7), Int(TagMaxTokens, 8192), String(TagWireModel, "z-ai/glm-4.6"),
	}
}

var (
	benchPrompt   = strings.Repeat("You are Keeper, who tends the light above the harbour. ", 12<<10/55)
	benchQuestion = strings.Repeat("What did you see last night? ", 4<<10/29)
)

// benchRequests are more than digests remembers, so that only the shared prompt
// is found there.
func benchRequests() []Fields {
	requests := make([]Fields, 1000)
	for i := range requests {
		requests[i] = benchFields(i)
	}
	return requests
}

func BenchmarkKey16KBMemoised(b *testing.B) {
	requests := benchRequests()
	for i := 0; b.Loop(); i++ {
		_ = requests[i%len(requests)].Key()
	}
}

// The naive key: the request as JSON, hashed.
func BenchmarkKey16KBNaiveJSON(b *testing.B) {
	requests := benchRequests()
	for i := 0; b.Loop(); i++ {
		fs := requests[i%len(requests)]
		m := map[string]any{"model": fs[0].Str(), "temperature": fs[5].Float(), "messages": []map[string]string{
			{"role": "system", "content": fs[2].Str()}, {"role": "user", "content": fs[4].Str()},
		}}
		text, err := json.Marshal(m)
		if err != nil {
			b.Fatal(err)
		}
		_ = sha256.Sum256(text)
	}
}
