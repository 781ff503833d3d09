package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/identity-shaping/isf/internal/config"
)

// promptsIn is the folder of a version that holds its prompts.
const promptsIn = "sysprompts"

// A prompt is the system prompt of a variant in a version.
type prompt struct {
	variant, text string
	err           error
}

// addVersions adds the identity's models of each version, sorted, with the
// alias of the release version behind each of its models.
func (r *Registry) addVersions(files *os.Root) error {
	versions, err := r.versions(files)
	if err != nil {
		return err
	}
	for _, version := range versions {
		prompts, err := r.prompts(files, version)
		if err != nil {
			return err
		}
		for _, p := range prompts {
			m := r.identityModel(version, p)
			r.add(m)
			if version == r.cfg.Identity.ReleaseVersion {
				m.Name = r.name("release", p.variant)
				m.Config.Name = m.Name
				r.add(m)
			}
		}
	}
	r.noteAbsent()
	return nil
}

// noteAbsent remembers the release models whose files are not there.
func (r *Registry) noteAbsent() {
	version := r.cfg.Identity.ReleaseVersion
	for _, v := range r.cfg.Identity.Variants {
		err := fmt.Errorf("release_version is %s, but there is no %s; choose a version that has it, or make one with isf registry release",
			version, r.promptPath(version, v.Name))
		for _, name := range []string{r.name(version, v.Name), r.name("release", v.Name)} {
			if _, ok := r.index[name]; !ok {
				r.absent[name] = err
			}
		}
	}
}

func (r *Registry) name(version, variant string) string {
	return r.cfg.Identity.Prefix + "-" + version + "-" + variant
}

// promptPath is where the prompt of a variant lies, relative to the root.
func (r *Registry) promptPath(version, variant string) string {
	return path.Join(r.cfg.Prompts.VersionsDir, version, promptsIn, variant+".txt")
}

func (r *Registry) identityModel(version string, p prompt) Model {
	c := r.cfg.Identity.Base
	c.Name = r.name(version, p.variant)
	c.SysPrompt = p.text
	m := Model{
		Name: c.Name, Provider: c.Provider, ID: c.ID, Temperature: c.Temperature,
		SysPrompt: p.text, Config: c, speaks: true, err: p.err,
	}
	m.PromptFile = r.promptPath(version, p.variant)
	if version == devVersion {
		m.PromptTarget, m.PromptFile = strings.TrimSuffix(m.PromptFile, ".txt"), ""
	}
	return m
}

// versions returns dev and the folders of versions, sorted.
func (r *Registry) versions(files *os.Root) ([]string, error) {
	entries, err := readDir(files, r.cfg.Prompts.VersionsDir)
	if err != nil {
		return nil, fmt.Errorf("read the versions of the identity: %w", err)
	}
	names := []string{devVersion}
	for _, e := range entries {
		if e.IsDir() && e.Name() != devVersion && config.ValidName(e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// readDir lists a folder; one that is missing is empty.
func readDir(files *os.Root, dir string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(files.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return entries, err
}

// prompts returns the prompts of a version, sorted by variant: rendered ones of
// the variants in isf.yaml for dev, else the frozen files.
func (r *Registry) prompts(files *os.Root, version string) ([]prompt, error) {
	var prompts []prompt
	if version == devVersion {
		for _, v := range r.cfg.Identity.Variants {
			text, err := r.renderDev(files, v)
			prompts = append(prompts, prompt{v.Name, text, err})
		}
		slices.SortFunc(prompts, func(a, b prompt) int { return strings.Compare(a.variant, b.variant) })
		return prompts, nil
	}
	dir := path.Join(r.cfg.Prompts.VersionsDir, version, promptsIn)
	entries, err := readDir(files, dir)
	if err != nil {
		return nil, fmt.Errorf("read the prompts of %s: %w", version, err)
	}
	for _, e := range entries {
		variant, isText := strings.CutSuffix(e.Name(), ".txt")
		if !isText || e.IsDir() || !config.ValidName(variant) {
			continue
		}
		text, err := readText(files, path.Join(dir, e.Name()))
		prompts = append(prompts, prompt{variant, text, err})
	}
	return prompts, nil
}

// readText reads a text file as Python does: every line end becomes \n.
func readText(files *os.Root, name string) (string, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	if !utf8.Valid(text) {
		return "", fmt.Errorf("%s is not UTF-8 text", name)
	}
	return config.Newlines(string(text)), nil
}
