package cache

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// benchReply is a reply of some 250 words as providers send it, in English that
// no two replies share.
func benchReply(seed uint64) *Entry {
	r := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("the light harbour keeper tends evening water boats lantern glass quiet storm remember answer question stairs salt wind " +
		"because although perhaps never always someone listen morning written letter honest careful small voice window stone grey warm story and of to in a is that it was for")
	var text strings.Builder
	for range 250 {
		text.WriteString(words[r.IntN(len(words))])
		if r.IntN(4) == 0 {
			fmt.Fprintf(&text, "%c%c", 'a'+r.IntN(26), 'a'+r.IntN(26))
		}
		text.WriteByte(' ')
	}
	quoted, _ := json.Marshal(text.String())
	e := answer(benchFields(int(seed)), text.String())
	e.Raw = fmt.Appendf(nil, `{"id":"gen-%d-%x","provider":"Fireworks","model":"z-ai/glm-4.6","object":"chat.completion","created":%d,"choices":[{"logprobs":null,"finish_reason":"stop","native_finish_reason":"stop","index":0,"message":{"role":"assistant","content":%s,"refusal":null,"reasoning":null}}],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"cost":0.00%d}}`,
		seed, r.Uint64(), 1_700_000_000+seed, quoted, r.IntN(4000), r.IntN(400), r.IntN(4400), r.IntN(100000))
	return e
}

// BenchmarkPack says what packing an entry costs and saves, at both levels that
// came into question.
func BenchmarkPack(b *testing.B) {
	e := benchReply(1)
	body, err := encodeEntry(e, e.Fields.parts())
	if err != nil {
		b.Fatal(err)
	}
	plain, err := unpack(body[1:])
	if err != nil {
		b.Fatal(err)
	}
	for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault} {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1))
		if err != nil {
			b.Fatal(err)
		}
		b.Run("zstd="+level.String(), func(b *testing.B) {
			var dst []byte
			for b.Loop() {
				dst = enc.EncodeAll(plain, dst[:0])
			}
			b.ReportMetric(float64(len(dst))/float64(len(plain)), "size/plain")
		})
	}
	b.Run("unpack", func(b *testing.B) {
		for b.Loop() {
			if _, err := unpack(body[1:]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(plain)), "plain-bytes")
	})
}
