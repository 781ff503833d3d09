package graph

import (
	"fmt"
	"iter"
	"strings"
)

// reasons explains why the inputs of a target differ from its manifest's, with
// the root cause where another target is in between. A source that is not
// current is itself a reason: what it will contain is not known.
func (s *Survey) reasons(st *Status) []Reason {
	var reasons []Reason
	for _, r := range st.Manifest.Diff(st.Parts) {
		switch {
		case r.Type == TypeTarget && s.waiting(st, r.Input):
			continue // said below
		case r.Type == TypeModel && strings.HasSuffix(r.Text, " "+sysPromptField+" changed"):
			r.Cause = s.promptCause(st.Target, r.Input)
		}
		reasons = append(reasons, r)
	}
	for in, src := range s.sources(st.Target) {
		if !enough(st, src) {
			reasons = append(reasons, Reason{
				Text:  fmt.Sprintf("%s '%s' %s", in.noun(), in.Attr, predicate(src.State)),
				Type:  in.kind(),
				Input: in.Attr,
				Cause: causeOf(src),
			})
		}
	}
	return reasons
}

// sources yields the sources of a target, whose states are known.
func (s *Survey) sources(t *Target) iter.Seq2[Source, *Status] {
	return func(yield func(Source, *Status) bool) {
		for _, in := range t.Inputs {
			if in, ok := in.(Source); ok && !yield(in, s.found[s.graph.byName[in.Target]]) {
				return
			}
		}
	}
}

// waiting reports whether the source that the target knows as attr is to be
// made first.
func (s *Survey) waiting(st *Status, attr string) bool {
	for in, src := range s.sources(st.Target) {
		if in.Attr == attr {
			return !enough(st, src)
		}
	}
	return false
}

// enough reports whether a source is what the target was made from, as far as
// its state says. A partial recipe was made from sources that are not complete.
func enough(st, src *Status) bool {
	switch src.State {
	case Current:
		return true
	case Partial, Failed, Missing:
		return st.Target.Kind == Recipe && st.Manifest.Partial
	}
	return false
}

// promptCause leads from a model to the target that renders its system prompt,
// while that is not current.
func (s *Survey) promptCause(t *Target, attr string) []string {
	for _, in := range t.Inputs {
		if in, ok := in.(Model); ok && in.Attr == attr && in.Prompt != "" {
			if p := s.found[s.graph.byName[in.Prompt]]; p.State != Current {
				return causeOf(p)
			}
		}
	}
	return nil
}

// causeOf follows first reasons from a target that is not current to the root.
func causeOf(st *Status) []string {
	chain := []string{st.Target.Name}
	switch {
	case len(st.Reasons) == 0:
		return append(chain, predicate(st.State))
	case st.Reasons[0].Cause != nil:
		return append(chain, st.Reasons[0].Cause...)
	}
	return append(chain, st.Reasons[0].String())
}

// String is the reason's text with its detail.
func (r Reason) String() string {
	if r.Detail == "" {
		return r.Text
	}
	return fmt.Sprintf("%s (%s)", r.Text, r.Detail)
}

// sourcesCurrent reports whether every source of t is current.
func (s *Survey) sourcesCurrent(t *Target) bool {
	for _, src := range s.sources(t) {
		if src.State != Current {
			return false
		}
	}
	return true
}
