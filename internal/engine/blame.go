package engine

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// blame words why a request or a record differs, in the words of the reasons
// why its target does.
type blame []graph.Reason

// compared words why two requests differ: one cause, or several that changed
// fields of their own. same is what is said of requests that differ in nothing.
func (b blame) compared(was, now cache.Fields, same string) string {
	var causes []string
	for _, d := range fieldsThatDiffer(was, now) {
		if cause := b.ofField(d.tag, d.system); !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
	}
	if len(causes) == 0 {
		return same
	}
	return strings.Join(causes, "; and ")
}

// ofField words why a field of a request is another.
func (b blame) ofField(tag cache.Tag, system bool) string {
	switch {
	case tag == cache.TagOrigin:
		return b.ofModel("another model", "name", "provider", "model", "weights")
	case system:
		return b.ofModel("another system prompt", "sysprompt")
	case tag == cache.TagReroll, tag == cache.TagAttempt:
		return "asked again by a decision"
	case tag == cache.TagDraw:
		return b.because("another "+tag.Name(), graph.TypeCode, graph.TypeParam)
	case tag >= cache.TagTools:
		return b.ofModel("another "+tag.Name(), tag.Name())
	}
	return b.because("what is asked has changed", append([]string{graph.TypePrompt}, whatIsRead...)...)
}

// whatIsRead are the types of inputs that records are made of, and then what may
// make others of the same.
var whatIsRead = []string{graph.TypeTarget, graph.TypeFile, graph.TypeDir, graph.TypeGlob, graph.TypeRemote, graph.TypeParam, graph.TypeCode}

// ofModel returns the reason about one of these fields of a model; else that of
// what else may decide them.
func (b blame) ofModel(otherwise string, fields ...string) string {
	for _, r := range b {
		for _, f := range fields {
			if r.Type == graph.TypeModel && strings.HasSuffix(r.Text, " "+f+" changed") {
				return reasonText(r)
			}
		}
	}
	return b.because(otherwise, graph.TypeParam, graph.TypeCode, graph.TypeModel)
}

// because returns the first reason of the first of these types that there is,
// else the given words.
func (b blame) because(otherwise string, types ...string) string {
	for _, t := range types {
		i := slices.IndexFunc(b, func(r graph.Reason) bool { return r.Type == t && r.Input != decisionsAttr && r.Input != lockAttr })
		if i >= 0 {
			return reasonText(b[i])
		}
	}
	for _, r := range b {
		if r.Type == "" { // never run, output missing
			return reasonText(r)
		}
	}
	return otherwise
}

// A fieldDifference is a field that shapes the answer and is not in both requests, or
// not the same; system says that it is of the system prompt.
type fieldDifference struct {
	tag    cache.Tag
	system bool
}

// fieldsThatDiffer returns the fields in which two requests differ, in their order,
// as far as both are made alike: up to the first that only one of them has.
func fieldsThatDiffer(was, now cache.Fields) (out []fieldDifference) {
	role := ""
	for i := range max(len(was), len(now)) {
		if i >= len(was) || i >= len(now) {
			return append(out, fieldDifference{cache.TagRole, false})
		}
		if now[i].Tag == cache.TagRole {
			role = now[i].Str()
		}
		tag := now[i].Tag
		if tag.Class() != cache.Text {
			tag = was[i].Tag
		}
		if was[i] == now[i] || tag.Class() != cache.Text {
			continue
		}
		out = append(out, fieldDifference{tag, role == "system" && tag <= cache.TagReasoning})
		if was[i].Tag != now[i].Tag {
			break
		}
	}
	return out
}

// reasonText is a reason with the place it points at; of a chain, where it
// began.
func reasonText(r graph.Reason) string {
	if n := len(r.Cause); n > 0 {
		return r.Cause[n-1]
	}
	if r.Detail != "" {
		return r.Text + ": " + r.Detail
	}
	return r.Text
}

// An explainer says why records differ between two editions of a target, from
// the requests they were made of and the inputs in the two manifests.
type explainer struct {
	blame
	mixed    bool // the rows are a recipe's, which are made elsewhere
	store    *cache.Store
	was, now askedThen
}

// explain fills in the causes of a comparison.
func (p *Project) explain(t *graph.Target, c *Diff) (err error) {
	x := &explainer{mixed: t.Kind == graph.Recipe}
	if was, now := p.manifest(c.Was.manifest), p.manifest(c.Now.manifest); was != nil && now != nil {
		x.blame = was.Diff(now.Parts)
	}
	wanted := map[string]bool{}
	for _, one := range c.Changes {
		wanted[one.ID] = true
	}
	if x.was, err = p.asked(c.Was.table, wanted); err != nil {
		return err
	}
	if x.now, err = p.asked(c.Now.table, wanted); err != nil {
		return err
	}
	if x.store, err = cache.Open(filepath.Join(p.Root, StateDir), cache.Options{ReadOnly: true}); err != nil {
		return err
	}
	defer x.store.Close()
	for i := range c.Changes {
		c.Changes[i].Cause = x.cause(c.Changes[i])
	}
	return nil
}

// askedThen is what one edition asked: all its steps, and the rows somebody wants
// to know of.
type askedThen struct {
	steps map[stepName]cache.Ref
	rows  map[string]tableRow
}

func (p *Project) asked(table string, wanted map[string]bool) (h askedThen, err error) {
	h = askedThen{map[stepName]cache.Ref{}, map[string]tableRow{}}
	return h, p.tableRows(table, func(r tableRow) {
		for _, s := range r.refs() {
			h.steps[s.stepName] = s.Ref
		}
		if wanted[r.ID] {
			h.rows[r.ID] = r
		}
	})
}

// cause says why one record differs.
func (x *explainer) cause(c Change) string {
	was, now := x.was.rows[c.ID], x.now.rows[c.ID]
	switch {
	case c.pinned:
		return "pinned: a person wrote it"
	case c.sum != "" && now.Line != "" && c.sum != now.Line:
		return "edited by hand since the build"
	}
	if x.mixed {
		return x.taken(c)
	}
	switch c.Kind() {
	case RowAdded:
		return x.came(now)
	case RowRemoved:
		switch {
		case now.Failed != "":
			return "it fails now: " + now.Failed
		case now.Left != "":
			return "left out now: " + now.Left
		}
		return x.went(was)
	}
	return x.changed(was, now)
}

// taken says why a recipe takes another row.
func (x *explainer) taken(c Change) string {
	what := "its source has another text, or the recipe takes it in another form"
	switch c.Kind() {
	case RowAdded:
		what = "the recipe takes it now"
	case RowRemoved:
		what = "the recipe does not take it any more"
	}
	if why := x.because("", graph.TypeRecipe, graph.TypePipeline, graph.TypeSamples); why != "" {
		what += ": " + why
	}
	return what
}

// changed words the first step in which a record's two editions differ.
func (x *explainer) changed(was, now tableRow) string {
	before, after := was.refs(), now.refs()
	for i := range min(len(before), len(after)) {
		if before[i].Ref != after[i].Ref {
			return fmt.Sprintf("step %s: %s", after[i].id(), x.step(before[i].Ref, after[i].Ref))
		}
	}
	if len(before) != len(after) {
		return x.because("another number of requests", graph.TypeCode, graph.TypeParam)
	}
	return x.written()
}

// written is why the same answers become another row.
func (x *explainer) written() string {
	return "the same answers, written differently: " + x.because("nothing that is known of has changed", graph.TypeCode, graph.TypeParam, graph.TypeTarget, graph.TypeFile)
}

// step words how two requests differ.
func (x *explainer) step(was, now cache.Ref) string {
	before, err := x.store.Lookup(was)
	after, aerr := x.store.Lookup(now)
	if err != nil || aerr != nil {
		return "another answer, and the old request is not in the cache any more"
	}
	return x.compared(before.Fields, after.Fields, "the same request, asked again")
}

// came says why a record is new: it was made of one that is new, or of other
// answers about one that is not.
func (x *explainer) came(now tableRow) string {
	for _, s := range now.refs() {
		was, known := x.was.steps[s.stepName]
		switch {
		case !known:
			return x.fresh("new record", now.ID, s.Record)
		case was != s.Ref:
			return fmt.Sprintf("step %s of %s: %s", s.id(), s.Record, x.step(was, s.Ref))
		}
	}
	if len(now.Steps) == 0 {
		return x.fresh("new record", now.ID, now.ID)
	}
	return x.written()
}

// went says why nothing makes a record any more.
func (x *explainer) went(was tableRow) string {
	for _, s := range was.refs() {
		now, known := x.now.steps[s.stepName]
		switch {
		case !known:
			return x.fresh("nothing makes this record any more", was.ID, s.Record)
		case now != s.Ref:
			return fmt.Sprintf("step %s of %s: %s", s.id(), s.Record, x.step(s.Ref, now))
		}
	}
	return x.fresh("nothing makes this record any more", was.ID, was.ID)
}

// fresh says that a record came or went with the one it was made of.
func (x *explainer) fresh(what, id, source string) string {
	if source != id {
		what += " (made of " + source + ")"
	}
	if why := x.because("", whatIsRead...); why != "" {
		what += ": " + why
	}
	return what
}
