package graph

import (
	"errors"
	"io/fs"
	"path"
	"slices"
)

// A File is one file; a path that names a folder stands for all below it.
type File struct {
	Attr string
	Path string // relative to the root
}

// Files are several files that count as one input.
type Files struct {
	Attr  string
	Ref   string // what they are to the pipeline
	Paths []string
}

// PromptFiles are a prompt's template and all it includes.
type PromptFiles struct {
	Attr  string
	Ref   string // the prompt's own path
	Paths []string
	Err   error // why the prompt cannot be used, nil if it can
}

// A Dir is every file below a folder.
type Dir struct {
	Attr string
	Path string
}

// A Glob is every file that a pattern matches; ** matches any folders.
type Glob struct {
	Attr    string
	Pattern string
}

// errNoPath keeps an input that was left empty from meaning the whole project.
var errNoPath = errors.New("it has no path")

// Part has a field for each section of a Markdown file.
func (f File) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeFile, Attr: f.Attr, Ref: path.Clean(f.Path)}
	if f.Path == "" {
		return p, errNoPath
	}
	e, err := r.file(p.Ref)
	if errors.Is(err, errFolder) {
		return Dir(f).Part(r)
	}
	p.Digest, p.Fields = e.short(), unpackFields(e.derived)
	return settle(p, err)
}

// Part has a field for each file below the folder.
func (d Dir) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeDir, Attr: d.Attr, Ref: path.Clean(d.Path)}
	if d.Path == "" {
		return p, errNoPath
	}
	t, err := r.folder(p.Ref)
	p.Digest, p.Fields = t.digest, t.fields
	return settle(p, err)
}

// Part has a field for each file that matches.
func (g Glob) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeGlob, Attr: g.Attr, Ref: path.Clean(g.Pattern)}
	if g.Pattern == "" {
		return p, errNoPath
	}
	t, err := r.matches(p.Ref)
	p.Digest, p.Fields = t.digest, t.fields
	return settle(p, err)
}

// Part has a field for each file.
func (f Files) Part(r *Reader) (Part, error) {
	return several(r, Part{Type: TypeFile, Attr: f.Attr, Ref: f.Ref}, f.Paths)
}

// Part has a field for each file.
func (f PromptFiles) Part(r *Reader) (Part, error) {
	p := Part{Type: TypePrompt, Attr: f.Attr, Ref: f.Ref}
	if f.Err != nil {
		p.Problem = f.Err.Error()
		return p, nil
	}
	return several(r, p, f.Paths)
}

func several(r *Reader, p Part, paths []string) (Part, error) {
	names := make([]string, len(paths))
	for i, name := range paths {
		names[i] = path.Clean(name)
	}
	slices.Sort(names)
	t, err := r.tree(".", slices.Compact(names))
	p.Digest, p.Fields = t.digest, t.fields
	return settle(p, err)
}

// settle finishes a part about files: what is not there is Missing.
func settle(p Part, err error) (Part, error) {
	if err == nil {
		return p, nil
	}
	p.Digest, p.Fields = "", nil
	if errors.Is(err, fs.ErrNotExist) {
		p.Missing = true
		return p, nil
	}
	return p, err
}
