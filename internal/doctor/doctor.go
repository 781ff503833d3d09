// Package doctor looks for what is wrong with the set-up of a project, and says
// what to do about it.
//
// A check looks at one thing and returns what it found. It changes nothing but
// for a probe that it removes again, sends nothing, and never shows a secret.
package doctor

import (
	"context"
	"fmt"
)

// A Grade says how much a finding matters.
type Grade string

const (
	OK   Grade = "ok"   // as it should be
	Look Grade = "look" // works, and somebody should know
	Bad  Grade = "bad"  // something will fail, be lost or leak
)

// A Finding is one thing that was looked at.
type Finding struct {
	Area  string `json:"area"` // go, code, isf.yaml, models, cache, disk, files, git
	Grade Grade  `json:"grade"`
	Text  string `json:"text"`
	Fix   string `json:"fix,omitempty"` // what to do
}

func ok(area, format string, args ...any) Finding {
	return Finding{Area: area, Grade: OK, Text: fmt.Sprintf(format, args...)}
}

// A Folder is the project that is looked at.
type Folder struct {
	Root    string
	Outputs []string            // paths of outputs that targets have, relative with slashes
	Keep    []string            // further files that belong into version control, as manifests
	Getenv  func(string) string // where keys are
	Keys    []string            // variables that may hold one
}

// Files looks at everything that needs no running project: disk, file system,
// cache, git.
func (f Folder) Files(ctx context.Context) []Finding {
	var all []Finding
	for _, check := range []func(context.Context) []Finding{f.cache, f.disk, f.fileSystem, f.git} {
		all = append(all, check(ctx)...)
	}
	return all
}
