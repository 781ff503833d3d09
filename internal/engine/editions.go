package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/identity-shaping/isf/graph"
)

// What a build replaces stays for a while: the rows, the record table and the
// manifest of the builds before are under .isf/editions/TARGET, so that a person
// can see what builds have changed. An edition costs the space of its rows and no
// time: it is the old file under a second name. Losing editions costs
// comparisons only.

const (
	// mostEditions of a target are kept, and of those that are not the newest no
	// more than mostEditionBytes: ten builds of what people look at row by row.
	mostEditions     = 10
	mostEditionBytes = 256 << 20
)

// An Edition is the rows of a target as a build left them.
type Edition struct {
	Build string    `json:"build"` // its id in the log
	Time  time.Time `json:"time"`  // when that build began

	rows, table, manifest string // below the root
}

// ErrNoPrevious says that there is nothing to compare with.
var ErrNoPrevious = errors.New("no earlier build is kept")

func editionsDir(target string) string { return path.Join(StateDir, "editions", flatten(target)) }

// madeBy says which build made the rows that are a target's output. A build that
// makes the same rows again does not change it.
type madeBy struct {
	Edition
	Content string `json:"content"` // digest of the rows, as in the manifest
}

func madePath(target string) string { return path.Join(editionsDir(target), "current.json") }

// manifest reads a manifest, nil where there is none that can be believed.
func (p *Project) manifest(name string) *graph.Manifest {
	m, err := graph.ReadManifest(filepath.Join(p.Root, filepath.FromSlash(name)))
	if err != nil {
		return nil
	}
	return m
}

// current is the edition that is the target's output. What is not known of it
// stays empty.
func (p *Project) current(t *graph.Target, content string) Edition {
	var made madeBy
	text, err := p.Files.ReadFile(madePath(t.Name))
	if err != nil || json.Unmarshal(text, &made) != nil || made.Content != content {
		made = madeBy{}
	}
	made.rows, made.table, made.manifest = t.Output, tablePath(t.Name), graph.ManifestPath(t.Output)
	return made.Edition
}

// keepEdition gives the files that a build is about to replace a second name. A
// file system without hard links keeps no editions.
func (e *Engine) keepEdition(t *graph.Target, old *graph.Manifest) {
	p := e.project
	v := p.current(t, old.Output.Content)
	if v.Build == "" { // made elsewhere, or the note of it was lost
		v.Build = old.Output.Digest[:min(len(old.Output.Digest), idLength)]
		if info, err := p.Files.Stat(t.Output); err == nil {
			v.Time = info.ModTime()
		}
	}
	if now, err := e.reader.FullDigest(t.Output); err == nil && now != old.Output.Digest {
		v.Build += editedSuffix
	}
	dir := editionsDir(t.Name)
	if p.Files.MkdirAll(dir, 0o700) != nil {
		return
	}
	name := path.Join(dir, fmt.Sprintf("%013d-%s", v.Time.UnixMilli(), v.Build))
	for _, f := range [][2]string{{v.table, tableExt}, {v.manifest, manifestExt}, {v.rows, rowsExt + path.Ext(t.Output)}} { // rows last: they make it an edition
		_ = p.Files.Remove(name + f[1])
		_ = p.Files.Link(f[0], name+f[1])
	}
	p.forgetEditions(t)
}

// editedSuffix marks rows that are not as the build wrote them: somebody edited
// the output, and then it was built again.
const editedSuffix = "-edited"

// Files of an edition.
const (
	rowsExt     = ".rows" // and that of the output
	tableExt    = ".records.jsonl"
	manifestExt = ".manifest.json"
)

// keepMade notes which build made the output that has got its place.
func (e *Engine) keepMade(t *graph.Target, content string) {
	p := e.project
	if p.current(t, content).Build != "" {
		return
	}
	text, err := json.Marshal(madeBy{Edition{Build: e.id, Time: e.began}, content})
	if err != nil {
		return
	}
	_ = graph.WriteFile(p.Files, madePath(t.Name), func(w io.Writer) error { // without it the build has no name
		_, err := w.Write(text)
		return err
	})
}

// earlier returns the kept editions of a target before its output, newest first.
func (p *Project) earlier(t *graph.Target) []Edition {
	dir := editionsDir(t.Name)
	entries, err := fs.ReadDir(p.Files.FS(), dir)
	if err != nil {
		return nil
	}
	var out []Edition
	for _, e := range entries {
		base, is := strings.CutSuffix(strings.TrimSuffix(e.Name(), path.Ext(e.Name())), rowsExt)
		ms, id, found := strings.Cut(base, "-")
		n, err := strconv.ParseInt(ms, 10, 64)
		if !is || !found || err != nil {
			continue
		}
		name := path.Join(dir, base)
		out = append(out, Edition{id, time.UnixMilli(n).UTC(), path.Join(dir, e.Name()), name + tableExt, name + manifestExt})
	}
	slices.SortStableFunc(out, func(a, b Edition) int { return cmp.Compare(b.Time.UnixMilli(), a.Time.UnixMilli()) })
	return out
}

// Earlier returns what is kept of a target's earlier builds, newest first.
func (p *Project) Earlier(t *graph.Target) []Edition { return p.earlier(t) }

// forgetEditions removes what is too many or too large.
func (p *Project) forgetEditions(t *graph.Target) {
	size := int64(0)
	for i, v := range p.earlier(t) {
		if info, err := p.Files.Stat(v.rows); err == nil && i > 0 {
			size += info.Size()
		}
		if i >= mostEditions || size > mostEditionBytes {
			for _, name := range []string{v.rows, v.table, v.manifest} {
				_ = p.Files.Remove(name)
			}
		}
	}
}

// Edition returns the rows of a target as a build left them: against is an id
// that the log shows, or its beginning, or how many editions to go back; "" is 1.
// now is what the target's output is.
func (p *Project) Edition(t *graph.Target, against string) (was, now Edition, err error) {
	content := ""
	if m := p.manifest(graph.ManifestPath(t.Output)); m != nil {
		content = m.Output.Content
	}
	now = p.current(t, content)
	kept := p.earlier(t)
	if n, err := strconv.Atoi(cmp.Or(against, "1")); err == nil && len(against) < shortestID {
		switch {
		case n < 1:
			return was, now, Usagef("--against %s: 1 is the build before", against)
		case n <= len(kept):
			return kept[n-1], now, nil
		case len(kept) == 0 && content == "":
			return was, now, fmt.Errorf("%s has not been built yet: %w", t.Name, ErrNoPrevious)
		case len(kept) == 0:
			return was, now, fmt.Errorf("%s was built once: %w", t.Name, ErrNoPrevious)
		}
		return was, now, Usagef("--against %s goes back too far: of %s %s kept, from 1", against, t.Name, are(len(kept), "earlier build"))
	}
	was, err = p.editionAfter(t, against, append([]Edition{now}, kept...))
	return was, now, err
}

// shortestID is the shortest beginning of an id that counts as one.
const shortestID = 3

// editionAfter finds what a target was when a build had ended. editions are
// newest first.
func (p *Project) editionAfter(t *graph.Target, id string, editions []Edition) (Edition, error) {
	for _, v := range editions {
		if strings.HasPrefix(v.Build, id) {
			return v, nil
		}
	}
	builds, err := p.Log(EveryRun)
	if err != nil {
		return Edition{}, err
	}
	for _, b := range slices.Backward(builds) {
		if !strings.HasPrefix(b.ID, id) || b.ID == "" {
			continue
		}
		for _, v := range editions {
			if !v.Time.IsZero() && !v.Time.After(b.Time) {
				return v, nil
			}
		}
		return Edition{}, fmt.Errorf("the rows of %s after build %s are not kept any more; kept are %s", t.Name, b.ID, buildsOf(editions))
	}
	return Edition{}, Usagef("there is no build %q: `isf log %s` lists them", id, t.Name)
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}

func buildsOf(editions []Edition) string {
	var ids []string
	for _, v := range editions {
		ids = append(ids, cmp.Or(v.Build, "the output as it is"))
	}
	return strings.Join(ids, ", ")
}
