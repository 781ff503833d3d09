package engine

import (
	"bytes"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/texts"
)

// texts is where the texts of inputs are kept.
func (p *Project) texts() *texts.Store { return texts.Open(p.Files, path.Join(StateDir, "texts")) }

// keepTexts keeps the texts that a target is made from, so that an edit of them
// can be shown. It is best effort.
func (e *Engine) keepTexts(t *graph.Target, parts []graph.Part) {
	e.textsMu.Lock()
	defer e.textsMu.Unlock()
	if e.texts == nil {
		e.texts = e.project.texts()
	}
	for i := range parts {
		for _, f := range parts[i].Files() {
			if !e.texts.Has(f.Digest) && !isHidden(f.Name) {
				e.keepFile(f)
			}
		}
	}
	for _, in := range t.Inputs {
		if m, is := in.(graph.Model); is && m.SysPrompt != "" && m.Err == nil {
			_ = e.texts.Keep(graph.ShortDigest([]byte(m.SysPrompt)), []byte(m.SysPrompt))
		}
	}
}

func (e *Engine) keepFile(f graph.PartField) {
	info, err := e.project.Files.Stat(f.Name)
	if err != nil || info.Size() > texts.Longest {
		return
	}
	text, err := e.reader.ReadFile(f.Name)
	if err != nil || holdsSecret(text, os.Environ()) {
		return
	}
	_ = e.texts.Keep(f.Digest, text)
}

// isHidden reports whether a file is one of those that hold settings and secrets
// by custom, such as .env.
func isHidden(name string) bool { return strings.HasPrefix(path.Base(name), ".") }

// shortestSecret keeps short values, such as "none", from counting as secrets.
const shortestSecret = 8

// holdsSecret reports whether a text has the value of a variable that by its
// name is a key.
func holdsSecret(text []byte, env []string) bool {
	return slices.ContainsFunc(env, func(e string) bool {
		name, value, _ := strings.Cut(e, "=")
		isKey := slices.ContainsFunc([]string{"KEY", "TOKEN", "SECRET", "PASSWORD"}, func(end string) bool { return strings.HasSuffix(strings.ToUpper(name), end) })
		return isKey && len(value) >= shortestSecret && bytes.Contains(text, []byte(value))
	})
}
