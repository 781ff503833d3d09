package doctor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A repo asks git about the project's folder. Paths are relative to it.
type repo struct {
	ctx  context.Context
	root string
}

// lines runs git and returns what it prints, split at NULs.
func (r repo) lines(args ...string) ([]string, error) {
	out, err := exec.CommandContext(r.ctx, "git", append([]string{"-C", r.root}, args...)...).Output()
	return strings.FieldsFunc(string(out), func(c rune) bool { return c == 0 }), err
}

// ignored returns which of the paths git ignores.
func (r repo) ignored(paths []string) []string {
	cmd := exec.CommandContext(r.ctx, "git", "-C", r.root, "check-ignore", "-z", "--stdin")
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, _ := cmd.Output() // exit code 1: none is ignored
	return strings.FieldsFunc(string(out), func(c rune) bool { return c == 0 })
}

// git looks whether what should be committed is, and what should not is not.
func (f Folder) git(ctx context.Context) []Finding {
	r := repo{ctx, f.Root}
	if _, err := exec.LookPath("git"); err != nil {
		return []Finding{{"git", Look, "git is not on the PATH, so rows do not say which commit made them", "install it from https://git-scm.com"}}
	}
	tracked, err := r.lines("ls-files", "-z")
	if err != nil {
		return []Finding{{"git", Look, "the project is not under version control", "git init && git add . && git commit"}}
	}
	open, err := r.lines("ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return []Finding{{"git", Look, "git does not answer: " + err.Error(), ""}}
	}
	all := slices.Concat(private(r, tracked, open), f.uncommitted(r, tracked), f.leaks(tracked, open))
	if len(all) == 0 {
		return []Finding{ok("git", "outputs and manifests are committed, and nothing private is")}
	}
	return all
}

// private finds .env and .isf where they do not belong.
func private(r repo, tracked, open []string) []Finding {
	var all []Finding
	for _, name := range []string{".env", stateDir} {
		in := func(path string) bool { return path == name || strings.HasPrefix(path, name+"/") }
		switch {
		case slices.ContainsFunc(tracked, in):
			fix := fmt.Sprintf("git rm -r --cached %s && echo %s >>.gitignore", name, name)
			if name == ".env" {
				fix += "; if it was pushed, have the keys replaced"
			}
			all = append(all, Finding{"git", Bad, name + " is committed", fix})
		case slices.ContainsFunc(open, in), len(r.ignored([]string{name, name + "/x"})) == 0:
			all = append(all, Finding{"git", Bad, name + " is not ignored, so `git add .` would commit it", "echo " + name + " >>.gitignore"})
		}
	}
	return all
}

// uncommitted finds outputs and manifests that a clone would not have.
func (f Folder) uncommitted(r repo, tracked []string) []Finding {
	var there []string
	for _, name := range slices.Concat(f.Outputs, f.Keep) {
		if _, err := os.Stat(filepath.Join(f.Root, filepath.FromSlash(name))); err == nil && !slices.Contains(tracked, name) {
			there = append(there, name)
		}
	}
	if len(there) == 0 {
		return nil
	}
	var all []Finding
	ignored := r.ignored(there)
	if len(ignored) > 0 {
		all = append(all, Finding{"git", Look, some(ignored) + " git ignores, so a clone has to build again, from answers it does not have", "take the line out of .gitignore, unless that is what you want"})
	}
	if left := slices.DeleteFunc(there, func(name string) bool { return slices.Contains(ignored, name) }); len(left) > 0 {
		all = append(all, Finding{"git", Look, some(left) + " not committed", "git add " + strings.Join(left[:min(len(left), 3)], " ")})
	}
	return all
}

// some names a few of many.
func some(names []string) string {
	const most = 3
	if len(names) == 1 {
		return names[0] + ":"
	}
	text := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ":"
}

// mostScanned of one file; keys stand in settings and code, not deep in data.
const mostScanned = 1 << 20

// leaks finds keys in files that are committed or would be.
func (f Folder) leaks(tracked, open []string) []Finding {
	var all []Finding
	for _, name := range slices.Concat(tracked, open) {
		if name == ".env" || strings.HasPrefix(name, stateDir+"/") {
			continue // told already
		}
		text, err := readHead(filepath.Join(f.Root, filepath.FromSlash(name)), mostScanned)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			continue
		}
		if line, what := f.secret(text); line > 0 {
			all = append(all, Finding{"git", Bad, fmt.Sprintf("%s:%d holds %s", name, line, what), "move it to .env, and have the key replaced if it was committed"})
		}
	}
	return all
}
