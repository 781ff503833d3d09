package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Reason says why a target is not current, in words that do not change
// between versions.
type Reason struct {
	Text   string   // File 'narrative' content changed
	Type   string   // of the input, "" if the reason is no input
	Input  string   // the input's attribute
	Detail string   // identity/NARRATIVE.md: section 'The mill'; "" if there is no more to say
	Cause  []string // targets from here to the root cause, then its reason; nil if the reason is the root
}

const codeChanged = "Pipeline code changed"

// maxNamed bounds the pieces a reason names.
const maxNamed = 5

// Diff explains how the parts now differ from those of old. It says nothing
// exactly if their digests are equal. Code comes first, then the inputs in
// their order now, then those that are gone.
func Diff(old, now []Part) []Reason {
	before := make(map[partKey]*Part, len(old))
	for i := range old {
		before[old[i].key()] = &old[i]
	}
	var code, inputs []Reason
	note := func(was, is *Part) {
		if cmp.Or(is, was).Type == TypeCode {
			code = append(code, explain(was, is)...)
			return
		}
		inputs = append(inputs, explain(was, is)...)
	}
	for i := range now {
		note(before[now[i].key()], &now[i])
		delete(before, now[i].key())
	}
	for i := range old {
		if before[old[i].key()] == &old[i] && !(old[i].ofRecipe() && unusable(now)) {
			note(&old[i], nil)
		}
	}
	return append(code, inputs...)
}

// unusable reports whether the recipe could not be read, so that nobody knows
// what it names.
func unusable(now []Part) bool {
	return slices.ContainsFunc(now, func(p Part) bool { return p.Type == TypeRecipe && p.Problem != "" })
}

// A partKey is what parts are matched by.
type partKey struct{ family, attr string }

func (p *Part) key() partKey { return partKey{p.family(), p.Attr} }

// explain says how an input differs; was or is may be nil, not both.
func explain(was, is *Part) []Reason {
	p := cmp.Or(is, was)
	r := Reason{Type: p.Type, Input: p.Attr, Detail: p.Ref}
	switch {
	case p.Problem != "":
		r.Text, r.Detail = problemText(p), p.Problem
	case was != nil && is != nil:
		return changes(was, is)
	case p.ofRecipe():
		r.Text = recipeCame(p, was == nil)
	case p.Type == TypeCode:
		r.Text = codeChanged
	case was == nil:
		r.Text = subject(p) + " added"
	default:
		r.Text = subject(p) + " removed"
	}
	return []Reason{r}
}

// subject names an input that came, went or is broken.
func subject(p *Part) string {
	if p.Type == TypeParam {
		return fmt.Sprintf("Parameter '%s'", p.Attr)
	}
	return fmt.Sprintf("Input '%s'", p.Attr)
}

func problemText(p *Part) string {
	switch p.family() {
	case TypeCode:
		return "Code does not compile"
	case TypeModel:
		return fmt.Sprintf("Model '%s' cannot be used", p.Attr)
	case TypePrompt:
		return fmt.Sprintf("Prompt '%s' cannot be used", p.Attr)
	case TypeFile, TypeSamples:
		return fmt.Sprintf("File '%s' cannot be read", p.Attr)
	case TypeRecipe:
		return "Recipe cannot be used"
	}
	return subject(p) + " cannot be used"
}

// changes explains how one input differs, if it does.
func changes(was, p *Part) []Reason {
	if was.same(p) {
		return nil
	}
	switch p.family() {
	case TypeCode:
		return []Reason{because(p, pieceDetail(was, p, plainName), codeChanged)}
	case TypeParam:
		return []Reason{because(p, arrow(was.Ref, p.Ref), "Parameter '%s' changed", p.Attr)}
	case TypeModel:
		return modelChanges(was, p)
	case TypeRemote:
		return []Reason{remoteChange(was, p)}
	case TypeRecipe:
		return []Reason{because(p, p.Ref, recipeChanged)}
	case TypePipeline:
		return []Reason{because(p, p.Ref, "%s", pipelineChanged(p.Attr))}
	case TypeSamples:
		return []Reason{because(p, contentDetail(was, p), "File '%s' changed", p.Attr)}
	case TypeTarget:
		return refChange("Target", "name", was, p, "rows changed")
	case TypePrompt:
		return refChange("Prompt", "path", was, p, "content changed")
	}
	return refChange("File", "path", was, p, "content changed")
}

func because(p *Part, detail, form string, args ...any) Reason {
	return Reason{Text: fmt.Sprintf(form, args...), Type: p.Type, Input: p.Attr, Detail: detail}
}

// refChange explains a change of the content, or else of what is referred to.
func refChange(noun, ref string, was, p *Part, content string) []Reason {
	if was.Digest != p.Digest || was.Missing != p.Missing {
		return []Reason{because(p, contentDetail(was, p), "%s '%s' %s", noun, p.Attr, content)}
	}
	return []Reason{because(p, arrow(was.Ref, p.Ref), "%s '%s' %s changed", noun, p.Attr, ref)}
}

func contentDetail(was, p *Part) string {
	switch {
	case p.Missing:
		return p.Ref + " is missing"
	case was.Missing:
		return p.Ref + " was missing"
	case p.Ref != was.Ref && was.Ref != "":
		return arrow(was.Ref, p.Ref)
	}
	naming := plainName
	if p.Type == TypeFile && hasSections(p.Ref, 0) {
		naming = sectionName
	}
	if pieces := pieceDetail(was, p, naming); pieces != "" && pieces != p.Ref && p.Ref != "" {
		return p.Ref + ": " + pieces
	}
	return p.Ref
}

func remoteChange(was, p *Part) Reason {
	if was.Ref != p.Ref {
		return because(p, arrow(was.Ref, p.Ref), "Source '%s' changed", p.Attr)
	}
	return because(p, fmt.Sprintf("%s: %s", p.Ref, arrow(was.Digest, p.Digest)), "Source '%s' moved", p.Attr)
}

func modelChanges(was, p *Part) []Reason {
	var reasons []Reason
	add := func(what, detail string) {
		reasons = append(reasons, because(p, detail, "Model '%s' %s changed", p.Attr, what))
	}
	if was.Ref != p.Ref {
		add("name", arrow(was.Ref, p.Ref))
	}
	before := make(map[string]PartField)
	for _, f := range was.Fields {
		before[f.Name] = f
	}
	for _, f := range p.Fields {
		b := before[f.Name]
		delete(before, f.Name)
		if b.Digest != f.Digest {
			add(f.Name, fieldDetail(b, f))
		}
	}
	for _, f := range was.Fields {
		if _, gone := before[f.Name]; gone {
			add(f.Name, fieldDetail(f, PartField{Name: f.Name}))
		}
	}
	return reasons
}

func fieldDetail(was, now PartField) string {
	if was.Name == sysPromptField || now.Name == sysPromptField {
		return ""
	}
	return arrow(was.Value, now.Value)
}

// arrow shows two short texts, one after the other.
func arrow(was, now string) string {
	const most = 80
	return shorten(cmp.Or(was, "not set"), most) + " → " + shorten(cmp.Or(now, "not set"), most)
}

// pieceDetail names the fields of p that are new, changed or gone.
func pieceDetail(was, p *Part, naming func(string) string) string {
	if len(was.Fields) == 0 {
		return "" // it was recorded without them
	}
	before := make(map[string]string, len(was.Fields))
	for _, f := range was.Fields {
		before[f.Name] = f.Digest
	}
	var named []string
	for _, f := range p.Fields {
		digest, ok := before[f.Name]
		delete(before, f.Name)
		switch {
		case !ok:
			named = append(named, naming(f.Name)+" added")
		case digest != f.Digest:
			named = append(named, naming(f.Name))
		}
	}
	for _, f := range was.Fields {
		if _, gone := before[f.Name]; gone {
			named = append(named, naming(f.Name)+" removed")
		}
	}
	if more := len(named) - maxNamed; more > 0 {
		named = append(named[:maxNamed], fmt.Sprintf("%d more", more))
	}
	return strings.Join(named, ", ")
}

func plainName(name string) string { return name }

// sectionName shows the last heading of a section's name.
func sectionName(name string) string {
	if i := strings.LastIndex(name, headingJoint); i >= 0 {
		name = name[i+len(headingJoint):]
	}
	if strings.HasPrefix(name, "(") {
		return name // a stand-in for a heading
	}
	return fmt.Sprintf("section '%s'", name)
}
