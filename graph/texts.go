package graph

import (
	"path"
	"slices"
)

// Files returns the files that a part about files is made of, each named from
// the root and with the short digest of its bytes. There are none where the part
// is about something else, is Missing, or has too many to be named one by one.
func (p *Part) Files() []PartField {
	listed := func(name string) bool {
		return slices.ContainsFunc(p.Fields, func(f PartField) bool { return f.Name == name })
	}
	switch {
	case p.Missing || p.Problem != "":
		return nil
	case p.Type == TypeFile && !listed(p.Ref):
		return []PartField{{Name: p.Ref, Digest: p.Digest}} // its fields are sections
	case p.Type == TypeDir:
		files := slices.Clone(p.Fields)
		for i := range files {
			files[i].Name = path.Join(p.Ref, files[i].Name)
		}
		return files
	case p.Type == TypeFile, p.Type == TypeGlob, p.Type == TypePrompt:
		return p.Fields
	}
	return nil
}

// A TextChange is a text among the inputs of a target that is another than it
// was. Digests are short ones, "" for a text that was not or is not there.
type TextChange struct {
	Type string // of the part
	Attr string
	Name string // of a file, from the root; "" of a system prompt and of a parameter

	Was, Now string // digests; of a parameter its JSON
}

// TextChanges lists the texts that differ between two lists of parts, in the
// order of the parts now.
func TextChanges(old, now []Part) []TextChange {
	before := make(map[partKey]*Part, len(old))
	for i := range old {
		before[old[i].key()] = &old[i]
	}
	var out []TextChange
	for i := range now {
		p, was := &now[i], before[now[i].key()]
		if was == nil {
			was = &Part{}
		}
		switch {
		case p.same(was):
		case p.Type == TypeParam:
			out = append(out, TextChange{p.Type, p.Attr, "", was.Ref, p.Ref})
		case p.Type == TypeModel:
			if a, b := was.sysPrompt(), p.sysPrompt(); a != b {
				out = append(out, TextChange{p.Type, p.Attr, "", a, b})
			}
		default:
			out = append(out, fileChanges(was, p)...)
		}
	}
	return out
}

func (p *Part) sysPrompt() string {
	for _, f := range p.Fields {
		if f.Name == sysPromptField {
			return f.Digest
		}
	}
	return ""
}

func fileChanges(was, now *Part) []TextChange {
	var out []TextChange
	before := make(map[string]string)
	for _, f := range was.Files() {
		before[f.Name] = f.Digest
	}
	for _, f := range now.Files() {
		if before[f.Name] != f.Digest {
			out = append(out, TextChange{now.Type, now.Attr, f.Name, before[f.Name], f.Digest})
		}
		delete(before, f.Name)
	}
	for _, f := range was.Files() {
		if digest, gone := before[f.Name]; gone {
			out = append(out, TextChange{now.Type, now.Attr, f.Name, digest, ""})
		}
	}
	return out
}
