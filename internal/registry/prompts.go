package registry

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// A Prompt is the system prompt of a variant in one version.
type Prompt struct {
	Version, Variant string
	Path             string // relative to the root; of dev it may not be there yet
	Text             string // of dev as the documents say it now
	Release          bool   // the version is the release
	LeftOver         bool   // a file of dev whose variant isf.yaml does not have; no model has it
	Err              error  // why there is no text
}

// Dev says that the prompt follows the documents.
func (p Prompt) Dev() bool { return p.Version == devVersion }

// Prompts returns the prompts of all versions, sorted by version and variant.
func (r *Registry) Prompts() ([]Prompt, error) {
	files, err := os.OpenRoot(r.root)
	if err != nil {
		return nil, fmt.Errorf("open the project: %w", err)
	}
	defer files.Close()
	versions, err := r.versions(files)
	if err != nil {
		return nil, err
	}
	var all []Prompt
	for _, version := range versions {
		found, err := r.prompts(files, version)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			all = append(all, Prompt{
				Version: version, Variant: p.variant, Path: r.promptPath(version, p.variant),
				Text: p.text, Release: version == r.cfg.Identity.ReleaseVersion, Err: p.err,
			})
		}
	}
	left, err := r.leftOver(files)
	if err != nil {
		return nil, err
	}
	all = append(all, left...)
	slices.SortStableFunc(all, func(a, b Prompt) int { return strings.Compare(a.Version, b.Version) })
	return all, nil
}

// leftOver are the files of dev that variants left which isf.yaml had once.
func (r *Registry) leftOver(files *os.Root) ([]Prompt, error) {
	entries, err := readDir(files, path.Join(r.cfg.Prompts.VersionsDir, devVersion, promptsIn))
	if err != nil {
		return nil, fmt.Errorf("read the prompts of %s: %w", devVersion, err)
	}
	var left []Prompt
	for _, e := range entries {
		variant, text := strings.CutSuffix(e.Name(), ".txt")
		if !text || slices.Contains(r.Variants(), variant) {
			continue
		}
		name := r.promptPath(devVersion, variant)
		content, err := fs.ReadFile(files.FS(), name)
		left = append(left, Prompt{Version: devVersion, Variant: variant, Path: name, Text: string(content), LeftOver: true, Err: err})
	}
	return left, nil
}
