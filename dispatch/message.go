package dispatch

import (
	"cmp"

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
			w.string(cmp.Or(w.row.Reasoning, "reasoning_content"), f.Str())
		case cache.TagToolCallID:
			w.string("tool_call_id", f.Str())
		case cache.TagToolCalls:
			calls = true
			w.raw("tool_calls", f.JSON())
		case cache.TagPrefill:
			if w.row.Prefill != "" {
				w.raw(w.row.Prefill, f.JSON())
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
	case w.mark != nil && fs[0].Str() == "system":
		w.marked(content)
	default:
		w.b = append(w.b, `,"content":`...)
		w.text(fs[0].Str(), content)
	}
	w.b = append(w.b, '}')
	return nil
}

// text writes a content. Long system prompts are shared between bodies.
func (w *writer) text(role, content string) {
	if w.prompts != nil && role == "system" && len(content) >= sharedFrom {
		w.share(content)
		return
	}
	w.b = jsontext.AppendString(w.b, content)
}

// marked writes the system prompt as a part that carries the mark of what shall be remembered. Only
// the first is marked: providers take few marks, and behind it everything differs.
func (w *writer) marked(content string) {
	w.b = append(w.b, `,"content":[{"type":"text","text":`...)
	w.text("system", content)
	w.raw("cache_control", w.mark)
	w.b = append(w.b, `}]`...)
	w.mark = nil
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
