package dispatch

import (
	"github.com/identity-shaping/isf/cache"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// message writes one message; content is there even when it is empty, because most servers insist.
func (w *writer) message(fs cache.Fields) error {
	w.b = append(w.b, `{"role":`...)
	w.b = jsontext.AppendString(w.b, fs[0].Str())
	parts, content, calls := cache.Fields(nil), "", false
	for _, f := range fs[1:] {
		switch f.Tag {
		case cache.TagContent:
			content = f.Str()
		case cache.TagPartText, cache.TagPartMedia:
			parts = append(parts, f)
		case cache.TagName:
			w.string("name", f.Str())
		case cache.TagReasoning:
			w.string("reasoning_content", f.Str())
		case cache.TagToolCallID:
			w.string("tool_call_id", f.Str())
		case cache.TagToolCalls:
			calls = true
			w.raw("tool_calls", f.JSON())
		case cache.TagPrefill:
			if w.row.prefill != "" {
				w.raw(w.row.prefill, f.JSON())
			}
		}
	}
	switch {
	case len(parts) > 0:
		if err := w.parts(parts); err != nil {
			return err
		}
	case content == "" && calls:
		w.raw("content", []byte("null"))
	case w.prompts != nil && fs[0].Str() == "system" && len(content) >= sharedFrom:
		w.b = append(w.b, `,"content":`...)
		w.share(content)
	default:
		w.string("content", content)
	}
	w.b = append(w.b, '}')
	return nil
}

func (w *writer) parts(fs cache.Fields) error {
	w.b = append(w.b, `,"content":[`...)
	for i, f := range fs {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		if f.Tag == cache.TagPartText {
			w.b = append(w.b, `{"type":"text","text":`...)
			w.b = append(jsontext.AppendString(w.b, f.Str()), '}')
			continue
		}
		tree, err := f.Tree()
		if err != nil {
			return err
		}
		m, err := mediaOf(tree)
		if err != nil {
			return err
		}
		w.b = m.append(w.b)
	}
	w.b = append(w.b, ']')
	return nil
}
