package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/texts"
)

// An Explanation is why a target is not current, down to the sentences.
type Explanation struct {
	Reasons []graph.Reason // of the status; a source that was built meanwhile is followed further
	Texts   []ChangedText  // of the target and of all it is made from, what comes first first
}

// A ChangedText is a text that is another than it was when the target was made.
type ChangedText struct {
	Target   string `json:"target"` // whose input it is
	Name     string `json:"name"`   // a path below the root, or parameter 'x'
	Was, Now string `json:"-"`
	Known    bool   `json:"known"` // both texts are; if not, only that they differ
}

// Explain follows why a target is not current to the root: through targets that
// are not current themselves, and through those that were built since.
func (p *Project) Explain(s graph.Status, r *graph.Reader) (Explanation, error) {
	x := &explaining{p: p, reader: r, store: p.texts(), seen: map[graph.TextChange]bool{}}
	x.out.Reasons = p.followed(s)
	if s.Manifest == nil || s.State == graph.Current {
		return x.out, nil
	}
	survey := p.Graph.Survey(r, p)
	for _, t := range p.Graph.Needs(s.Target) {
		st, err := survey.Status(t)
		if err != nil {
			return x.out, err
		}
		if st.Manifest != nil && st.State != graph.Current {
			x.between(t, st.Manifest.Parts, st.Parts)
		}
	}
	x.between(s.Target, s.Manifest.Parts, s.Parts)
	for i, reason := range x.out.Reasons {
		if reason.Type == graph.TypeCode {
			x.out.Reasons[i].Detail = p.located(s.Target, reason.Detail, r)
		}
	}
	return x.out, nil
}

// followed are the reasons of a status. A source that was built since, with
// other rows, is followed to what changed them.
func (p *Project) followed(s graph.Status) []graph.Reason {
	reasons := slices.Clone(s.Reasons)
	if s.Manifest == nil {
		return reasons
	}
	for i, r := range reasons {
		if r.Type == graph.TypeTarget && r.Cause == nil {
			reasons[i].Cause = p.beneath(s.Target, r.Input, s.Manifest.Parts, nil)
		}
	}
	return reasons
}

// located says of each declaration that a reason names where it is.
func (p *Project) located(t *graph.Target, names string, r *graph.Reader) string {
	q, err := p.Pipeline(t.Pipeline)
	if err != nil || names == "" {
		return names
	}
	places := p.codes.places(q, r)
	all := strings.Split(names, ", ")
	for i, one := range all {
		name, what, _ := strings.Cut(one, " ") // added, removed
		if at, known := places[name]; known {
			all[i] = strings.TrimRight(fmt.Sprintf("%s (%s) %s", name, at, what), " ")
		}
	}
	return strings.Join(all, ", ")
}

// explaining collects the texts of one explanation.
type explaining struct {
	p      *Project
	reader *graph.Reader
	store  *texts.Store
	seen   map[graph.TextChange]bool
	out    Explanation
}

// between adds the texts that differ between two lists of a target's parts, and
// before them those of sources that were built in between.
func (x *explaining) between(t *graph.Target, was, now []graph.Part) {
	for _, part := range now {
		if part.Type != graph.TypeTarget {
			continue
		}
		source := x.p.Graph.Target(part.Ref)
		if m := x.p.editionWith(source, digestOf(was, part)); m != nil {
			if current := x.p.manifest(graph.ManifestPath(source.Output)); current != nil && current.Output.Content == part.Digest {
				x.between(source, m.Parts, current.Parts)
			}
		}
	}
	for _, c := range graph.TextChanges(was, now) {
		if !x.seen[c] && c.Attr != lockAttr { // a build writes it, and it says nothing new
			x.seen[c] = true
			x.add(t, c)
		}
	}
}

func digestOf(parts []graph.Part, like graph.Part) string {
	for _, p := range parts {
		if p.Type == like.Type && p.Attr == like.Attr && p.Digest != like.Digest {
			return p.Digest
		}
	}
	return ""
}

// editionWith returns the manifest of the earlier build of a target whose rows
// had this digest, nil if it is not kept.
func (p *Project) editionWith(t *graph.Target, content string) *graph.Manifest {
	if t == nil || content == "" {
		return nil
	}
	for _, e := range p.earlier(t) {
		if m := p.manifest(e.manifest); m != nil && m.Output.Content == content {
			return m
		}
	}
	return nil
}

// beneath leads from a source whose rows have changed to what changed them.
func (p *Project) beneath(t *graph.Target, attr string, was []graph.Part, chain []string) []string {
	i := slices.IndexFunc(was, func(q graph.Part) bool { return q.Type == graph.TypeTarget && q.Attr == attr })
	if i < 0 {
		return chain
	}
	source := p.Graph.Target(was[i].Ref)
	m := p.editionWith(source, was[i].Digest)
	if m == nil {
		return chain
	}
	current := p.manifest(graph.ManifestPath(source.Output))
	if current == nil {
		return chain
	}
	reasons := slices.DeleteFunc(m.Diff(current.Parts), func(r graph.Reason) bool { return r.Input == lockAttr })
	if len(reasons) == 0 {
		return chain
	}
	chain = append(chain, source.Name)
	if reasons[0].Type == graph.TypeTarget {
		if deeper := p.beneath(source, reasons[0].Input, m.Parts, chain); len(deeper) > len(chain) {
			return deeper
		}
	}
	return append(chain, reasons[0].String())
}

// shownWhole is the length of a parameter that its reason shows whole.
const shownWhole = 80

func (x *explaining) add(t *graph.Target, c graph.TextChange) {
	text := ChangedText{Target: t.Name, Name: c.Name}
	switch c.Type {
	case graph.TypeParam:
		if max(len(c.Was), len(c.Now)) <= shownWhole {
			return
		}
		text.Name, text.Was, text.Now, text.Known = "parameter '"+c.Attr+"'", unquoted(c.Was), unquoted(c.Now), true
	case graph.TypeModel:
		if !x.systemPrompt(t, c, &text) {
			return
		}
	default:
		var before, after bool
		text.Was, before = x.kept(c.Was)
		text.Now, after = x.now(c)
		text.Known = before && after
	}
	x.out.Texts = append(x.out.Texts, text)
}

func (x *explaining) kept(digest string) (text string, known bool) {
	if digest == "" {
		return "", true // there was none
	}
	return x.store.Get(digest)
}

// now is the text of a file as the change means it, which may be older than the
// file.
func (x *explaining) now(c graph.TextChange) (text string, known bool) {
	if b, err := x.reader.ReadFile(c.Name); err == nil && graph.ShortDigest(b) == c.Now {
		return string(b), true
	}
	return x.kept(c.Now)
}

// systemPrompt fills in the system prompt of a model. One that is made from
// documents whose texts are told already is left out.
func (x *explaining) systemPrompt(t *graph.Target, c graph.TextChange, text *ChangedText) bool {
	for _, in := range t.Inputs {
		m, is := in.(graph.Model)
		if !is || m.Attr != c.Attr {
			continue
		}
		text.Name = m.File
		var old []byte
		if prompt := x.p.Graph.Target(m.Prompt); prompt != nil {
			if slices.ContainsFunc(x.out.Texts, func(o ChangedText) bool { return o.Known && o.Target == prompt.Name }) {
				return false
			}
			text.Name = prompt.Output
			old, _ = x.reader.ReadFile(prompt.Output)
		}
		var before, after bool
		if text.Was, before = x.kept(c.Was); !before && graph.ShortDigest(old) == c.Was {
			text.Was, before = string(old), true
		}
		if text.Now, after = m.SysPrompt, graph.ShortDigest([]byte(m.SysPrompt)) == c.Now || c.Now == ""; !after {
			text.Now, after = x.kept(c.Now)
		}
		text.Known = before && after
		return text.Name != ""
	}
	return false
}

// unquoted is a JSON string as it reads, and any other JSON as it is.
func unquoted(text string) string {
	var s string
	if json.Unmarshal([]byte(text), &s) == nil {
		return s
	}
	return text
}
