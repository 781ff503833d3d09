package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
)

// A target with rows has a report that can be built like anything else:
// NAME.report, as JSON for programs and as Markdown for people. Nobody has to:
// until it is asked for by name, no group of targets includes it.

const reportSuffix = ".report"

// reportTargets are the reports on targets.
func (p *Project) reportTargets(on []*graph.Target) []*graph.Target {
	taken := map[string]bool{}
	for _, t := range on {
		taken[t.Name] = true
	}
	var all []*graph.Target
	for _, t := range on {
		if ext := path.Ext(t.Output); (ext == ".jsonl" || ext == parquetExt) && !taken[t.Name+reportSuffix] {
			all = append(all, p.reportTarget(t))
		}
	}
	return all
}

func (p *Project) reportTarget(on *graph.Target) *graph.Target {
	name := on.Name + reportSuffix
	t := &graph.Target{Name: name, Kind: graph.Report, Output: name + ".json"}
	o := p.Checking(on)
	t.Inputs = []graph.Input{
		graph.Source{Attr: "data", Target: on.Name},
		graph.File{Attr: "rows", Path: on.Output}, // how they were made counts, too
		graph.File{Attr: "reviews", Path: reviews.Path(on.Output)},
		graph.Param{Attr: "checks", Value: o.Limits},
		graph.Param{Attr: "identity", Value: o.Prefix},
		graph.Param{Attr: "checker", Value: quality.Version},
	}
	_, err := p.Files.Stat(graph.ManifestPath(t.Output))
	t.OnRequest = err != nil
	return t
}

// reportedOn is the target that a report is about.
func (p *Project) reportedOn(t *graph.Target) *graph.Target {
	return p.Graph.Target(strings.TrimSuffix(t.Name, reportSuffix))
}

// Checking says what the rows of a target are checked against.
func (p *Project) Checking(t *graph.Target) quality.Options {
	o := quality.Options{Name: t.Name, Prefix: p.Config.Identity.Prefix, Limits: p.Config.ChecksOf(t.Name, t.Pipeline), Whole: t.Kind == graph.Recipe}
	if o.Whole {
		o.Identity = p.identitySamples(t)
	}
	if len(o.Limits.Names) == 0 {
		o.Limits.Names = []string{p.Config.Project.Name}
	}
	return o
}

// identitySamples is how many samples of a prepared set are from categories of
// its recipe that are named after the identity; nil where there is none.
func (p *Project) identitySamples(t *graph.Target) *int {
	m, err := graph.ReadManifest(filepath.Join(p.Root, filepath.FromSlash(graph.ManifestPath(t.Output))))
	if err != nil || m.Mix == nil {
		return nil // what is not known is guessed
	}
	n, found := 0, false
	for name, c := range m.Mix.Categories {
		if strings.Contains(strings.ToLower(name), "identity") {
			n, found = n+c.Used, true
		}
	}
	if !found {
		return nil
	}
	return &n
}

// CheckFile makes the checks on a file of rows, unless ctx ends first. Reviews lie beside it.
func CheckFile(ctx context.Context, name string, o quality.Options) (*quality.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	book, err := reviews.Open(name)
	if err != nil {
		return nil, err
	}
	o.Reviewed = func(row *samples.Row) (good, ok bool) {
		r, ok := book.Of(row)
		return r.Verdict == reviews.Good, ok
	}
	r, err := quality.Run(samples.Until(ctx, samples.Rows(f)), o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	return r, nil
}

// report makes the report on a target. The Markdown comes first, so that the
// manifest never speaks of one that is not there.
func (e *Engine) report(t *graph.Target, status graph.Status) Result {
	on := e.project.reportedOn(t)
	r, err := CheckFile(e.ctx, filepath.Join(e.project.Root, filepath.FromSlash(on.Output)), e.project.Checking(on))
	if err != nil {
		return failed(t, err)
	}
	err = graph.WriteFile(e.project.Files, strings.TrimSuffix(t.Output, ".json")+".md", func(w io.Writer) error {
		r.WriteMarkdown(w)
		return nil
	})
	if err != nil {
		return failed(t, err)
	}
	text, err := reportJSON(r)
	if err != nil {
		return failed(t, err)
	}
	result := e.placeText(t, status, text, len(r.Findings))
	result.Verdict = string(r.Verdict)
	return result
}

// reportJSON is what `isf check --json` prints of one target.
func reportJSON(r *quality.Report) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(map[string]any{"targets": []*quality.Report{r}})
	return b.Bytes(), err
}

// DefaultChecking is for files that belong to no target.
func (p *Project) DefaultChecking(name string) quality.Options {
	o := quality.Options{Name: name, Limits: config.DefaultChecks(), Whole: true}
	if p != nil {
		o.Limits, o.Prefix = p.Config.Checks, p.Config.Identity.Prefix
		if len(o.Limits.Names) == 0 {
			o.Limits.Names = []string{p.Config.Project.Name}
		}
	}
	return o
}
