package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"
)

// Load reads isf.yaml of the project at root, with the files laid over it whose
// names are given, the last uppermost. The error is Problems when a file is at fault.
func Load(root string, overlays ...string) (*Config, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, FileName))
	if err != nil {
		return nil, fmt.Errorf("read the project's settings: %w", err)
	}
	return Parse(root, text, overlays...)
}

// Parse is Load for the given bytes of isf.yaml.
func Parse(root string, text []byte, overlays ...string) (*Config, error) {
	d, n := Document(FileName, text, "the file is empty; it needs at least: identity: {prefix: NAME}")
	d.root = root
	c := &Config{Root: root}
	if n != nil {
		for _, name := range overlays {
			d.lay(n, name)
		}
		d.config(c, n)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Document parses the text of a file that is one YAML document. It returns the
// top of the tree, nil after a problem, and the Decoder to read it with. empty
// is what to say of a file with nothing in it.
func Document(file string, text []byte, empty string) (*Decoder, *yaml.Node) {
	d := &Decoder{file: file, lines: strings.Split(string(text), "\n")}
	return d, d.tree(text, empty)
}

// Err returns the Problems found so far, nil if there are none.
func (d *Decoder) Err() error {
	if len(d.problems) == 0 {
		return nil
	}
	d.problems.sort()
	return d.problems
}

// Count is the number of problems found so far.
func (d *Decoder) Count() int { return len(d.problems) }

func (d *Decoder) tree(text []byte, empty string) *yaml.Node {
	if !utf8.Valid(text) {
		d.notUTF8(text)
		return nil
	}
	var doc yaml.Node
	err := yaml.Load(text, &doc)
	var fault *yaml.LoadError
	switch {
	case errors.As(err, &fault) && fault.Mark.Line > 0:
		d.syntax(fault.Mark.Line, fault.Mark.Column, fault.Message)
		return nil
	case doc.Kind == 0:
		d.at(1, 1, empty)
		return nil
	case err != nil:
		d.at(1, 1, "the file holds several documents (---); it must be one")
		return nil
	}
	return doc.Content[0]
}

// syntax reports what the YAML parser stumbled over, in the words of somebody
// who edits the file.
func (d *Decoder) syntax(line, column int, message string) {
	for _, l := range []int{line, line - 1} { // the parser may notice one line late
		if l < 1 || l > len(d.lines) {
			continue
		}
		text := d.lines[l-1]
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
			d.at(l, tab+1, "a tab in the indentation; YAML allows only spaces")
			return
		}
	}
	d.at(line, column, "this is not YAML: "+message)
}

func (d *Decoder) notUTF8(text []byte) {
	for i, line := range strings.Split(string(text), "\n") {
		if utf8.ValidString(line) {
			continue
		}
		valid := 0
		for valid < len(line) {
			r, n := utf8.DecodeRuneInString(line[valid:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			valid += n
		}
		d.at(i+1, utf8.RuneCountInString(line[:valid])+1, "the file is not UTF-8 text")
		return
	}
}

// FindRoot returns the first folder with isf.yaml: dir or one of its parents.
func FindRoot(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := abs; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, FileName)); err == nil && info.Mode().IsRegular() {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", &NoProject{abs}
		}
	}
}

// NoProject says that there is no isf.yaml in a folder or above it.
type NoProject struct{ Dir string }

func (e *NoProject) Error() string {
	return fmt.Sprintf("Cannot find ISF project: no %s in %s or its parents", FileName, e.Dir)
}
