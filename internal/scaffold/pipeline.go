package scaffold

import (
	"fmt"
	"go/build"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// pipelinesDir holds a project's pipelines.
const pipelinesDir = "pipelines"

// A NewPipeline is a pipeline to be added to a project.
type NewPipeline struct {
	Name  string // of its target
	Model string // that answers

	Files    []File // to be written
	Register string // the file that lists the pipelines, "" if none could be found
	Listing  []byte // what Register says with the new pipeline in it
	Line     string // what was added there, or has to be
}

var legalTarget = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`)

// Plan says what is to be written into the project at root; it writes nothing.
func (n *NewPipeline) Plan(root string) error {
	if !legalTarget.MatchString(n.Name) {
		return fmt.Errorf("pipeline name %q: use letters, digits, dots, dashes and underscores, beginning with a letter", n.Name)
	}
	p, err := readPackage(filepath.Join(root, pipelinesDir))
	if err != nil {
		return err
	}
	data := struct{ Name, Model, Package, Module, Type, Row, Data string }{
		Name: n.Name, Model: n.Model, Package: p.name, Module: Module, Type: typeName(n.Name), Data: path.Join(pipelinesDir, "data", n.Name+".jsonl"),
	}
	data.Row = strings.ToLower(data.Type[:1]) + data.Type[1:] + "Row"
	for _, name := range []string{data.Type, data.Row} {
		if at, ok := p.declared[name]; ok {
			return fmt.Errorf("%s already declares %s; give the pipeline another name", at, name)
		}
	}
	for _, f := range []struct {
		template, target string
		soft             bool
	}{
		{"pipeline.go", path.Join(pipelinesDir, fileName(n.Name)), false},
		{"data.jsonl", data.Data, true},
	} {
		text, err := render("parts/"+f.template+suffix, data)
		if err != nil {
			return err
		}
		n.Files = append(n.Files, File{Path: f.target, Text: text, Soft: f.soft})
	}
	n.Line = fmt.Sprintf("%s.Dataset(%q, &%s{}),", or(p.isf, "isf"), n.Name, data.Type)
	if p.listing != "" {
		n.Register = path.Join(pipelinesDir, p.listing)
		n.Listing, err = p.insert(n.Line)
	}
	return err
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// typeName is the Go type of a target: style-pushback is StylePushback.
func typeName(target string) string {
	var b strings.Builder
	up := true
	for _, r := range target {
		switch {
		case strings.ContainsRune("-_.", r):
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fileName is the Go file of a target. A name that Go would leave out on some
// systems, or take for a test, gets a harmless end.
func fileName(target string) string {
	stem := strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(target))
	elsewhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	if everywhere, err := elsewhere.MatchFile(".", stem+".go"); err != nil || !everywhere || strings.HasSuffix(stem, "_test") {
		stem += "_pipeline"
	}
	return stem + ".go"
}
