package launch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A modFile is what matters here of a go.mod or go.work.
type modFile struct {
	module string
	local  []string // folders that 'replace' or 'use' name, absolute
}

// readModFile reads the directives; what it does not know it passes over, since
// Go itself will say what is wrong with the file.
func readModFile(path string) (modFile, error) {
	var m modFile
	text, err := os.ReadFile(path)
	if err != nil {
		return m, unreadable(path, err)
	}
	dir, block := filepath.Dir(path), ""
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "//")
		f := fields(line)
		if block == "" && len(f) > 0 {
			if len(f) == 2 && f[1] == "(" {
				block = f[0]
				continue
			}
			m.directive(dir, f[0], f[1:])
			continue
		}
		if len(f) == 1 && f[0] == ")" {
			block = ""
			continue
		}
		m.directive(dir, block, f)
	}
	return m, nil
}

// directive takes in one line, with its verb moved in front of a block's lines.
func (m *modFile) directive(dir, verb string, args []string) {
	switch {
	case verb == "module" && len(args) == 1:
		m.module = args[0]
	case verb == "use" && len(args) == 1:
		m.add(dir, args[0])
	case verb == "replace" && len(args) >= 3:
		// A folder follows the arrow alone; a module is followed by its version.
		if args[len(args)-2] == "=>" {
			m.add(dir, args[len(args)-1])
		}
	}
}

func (m *modFile) add(dir, folder string) {
	folder = filepath.FromSlash(folder)
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	m.local = append(m.local, filepath.Clean(folder))
}

// fields splits a line at spaces; a quoted field may hold some.
func fields(line string) []string {
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if q, err := strconv.QuotedPrefix(line); err == nil {
			text, _ := strconv.Unquote(q)
			out, line = append(out, text), line[len(q):]
			continue
		}
		word := strings.Fields(line)[0]
		out, line = append(out, word), line[len(word):]
	}
	return out
}

// workFile is the go.work that a build in dir uses, "" if none.
func workFile(dir string) string {
	switch env := os.Getenv("GOWORK"); env {
	case "":
	case "off":
		return ""
	default:
		return env
	}
	if d, ok := above(dir, "go.work"); ok {
		return filepath.Join(d, "go.work")
	}
	return ""
}
