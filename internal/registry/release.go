package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/config"
)

// Release freezes the dev prompts, as the documents render now, as version, and
// makes it the release in isf.yaml. It returns the files it wrote, relative to
// the root. All or nothing: a release that fails leaves the project as it was,
// and one that was killed is finished by releasing the same version again. It
// does not touch the files of dev, which are targets of the graph.
func (r *Registry) Release(version string) ([]string, error) {
	files, err := os.OpenRoot(r.root)
	if err != nil {
		return nil, fmt.Errorf("open the project: %w", err)
	}
	defer files.Close()
	frozen, exists, err := r.ready(files, version)
	if err != nil {
		return nil, err
	}
	before, err := files.ReadFile(config.FileName)
	if err != nil {
		return nil, fmt.Errorf("release %s: %w", version, err)
	}
	after, err := config.SetRelease(before, version)
	if err != nil {
		return nil, err
	}
	return r.commit(files, version, frozen, exists, after)
}

// Releasable says why a version cannot be released, as Release would. It
// changes nothing.
func (r *Registry) Releasable(version string) error {
	files, err := os.OpenRoot(r.root)
	if err != nil {
		return fmt.Errorf("open the project: %w", err)
	}
	defer files.Close()
	_, _, err = r.ready(files, version)
	return err
}

// ready renders what version would be, and tells whether its folder is there
// already, from a release that was killed.
func (r *Registry) ready(files *os.Root, version string) (frozen map[string]string, exists bool, err error) {
	if err := CheckVersion(version); err != nil {
		return nil, false, err
	}
	if frozen, err = r.freeze(files); err != nil {
		return nil, false, err
	}
	exists, err = r.finished(files, version, frozen)
	return frozen, exists, err
}

// CheckVersion tells what a version may be called.
func CheckVersion(version string) error {
	switch {
	case version == devVersion:
		return errors.New("dev cannot be released: it is the version that follows the documents")
	case !strings.HasPrefix(version, "v"):
		return fmt.Errorf("a version begins with v, such as v0.1; %q does not", version)
	case !config.ValidName(version) || strings.Contains(version, "/"):
		return fmt.Errorf("%q cannot name a version: use letters, digits, '.', '_' and '-', without '..'", version)
	}
	return nil
}

// freeze renders all variants.
func (r *Registry) freeze(files *os.Root) (map[string]string, error) {
	if len(r.cfg.Identity.Variants) == 0 {
		return nil, errors.New("there is nothing to release: isf.yaml names no variants")
	}
	frozen := map[string]string{}
	for _, v := range r.cfg.Identity.Variants {
		text, err := r.renderDev(files, v)
		if err != nil {
			return nil, err
		}
		frozen[v.Name] = text
	}
	return frozen, nil
}

// commit writes the folder of the version beside its place, moves it there, and
// then replaces isf.yaml, which is the moment of the release.
func (r *Registry) commit(files *os.Root, version string, frozen map[string]string, exists bool, settings []byte) ([]string, error) {
	dir := path.Join(r.cfg.Prompts.VersionsDir, version)
	written := r.paths(version, frozen)
	if !exists {
		if err := r.writeVersion(files, dir, frozen); err != nil {
			return nil, fmt.Errorf("release %s: %w", version, err)
		}
	}
	if err := replaceFile(files, config.FileName, settings); err != nil {
		if !exists {
			err = errors.Join(err, files.RemoveAll(dir))
		}
		return nil, fmt.Errorf("release %s: %w", version, err)
	}
	return append(written, config.FileName), nil
}

func (r *Registry) paths(version string, frozen map[string]string) []string {
	var paths []string
	for variant := range frozen {
		paths = append(paths, r.promptPath(version, variant))
	}
	slices.Sort(paths)
	return paths
}

// finished tells whether the version's folder is there already, from a release
// that was killed before it changed isf.yaml. Any other folder of that name is
// an error: versions do not change.
func (r *Registry) finished(files *os.Root, version string, frozen map[string]string) (bool, error) {
	dir := path.Join(r.cfg.Prompts.VersionsDir, version)
	if _, err := files.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	taken := fmt.Errorf("version %s exists already, in %s; choose another name", version, dir)
	entries, err := readDir(files, path.Join(dir, promptsIn))
	if err != nil || len(entries) != len(frozen) || r.cfg.Identity.ReleaseVersion == version {
		return false, taken
	}
	for variant, want := range frozen {
		got, err := files.ReadFile(r.promptPath(version, variant))
		if err != nil || !bytes.Equal(got, []byte(want)) {
			return false, taken
		}
	}
	return true, nil
}

// writeVersion makes the folder of a version in one step.
func (r *Registry) writeVersion(files *os.Root, dir string, frozen map[string]string) (err error) {
	beside := path.Join(path.Dir(dir), "."+path.Base(dir)+".new")
	if err := files.RemoveAll(beside); err != nil { // from a release that was killed
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, files.RemoveAll(beside))
		}
	}()
	prompts := path.Join(beside, promptsIn)
	if err := files.MkdirAll(prompts, 0o755); err != nil {
		return err
	}
	for variant, text := range frozen {
		if err := writeFile(files, path.Join(prompts, variant+".txt"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	syncDir(files, prompts)
	syncDir(files, beside)
	if err := files.Rename(beside, dir); err != nil {
		return err
	}
	syncDir(files, path.Dir(dir))
	return nil
}

// replaceFile gives a file new content in one step; its mode stays.
func replaceFile(files *os.Root, name string, content []byte) error {
	info, err := files.Stat(name)
	if err != nil {
		return err
	}
	beside := "." + name + ".new"
	if err := writeFile(files, beside, content, info.Mode().Perm()); err != nil {
		return errors.Join(err, remove(files, beside))
	}
	if err := files.Rename(beside, name); err != nil {
		return errors.Join(err, remove(files, beside))
	}
	syncDir(files, ".")
	return nil
}

// remove removes a file that may not be there.
func remove(files *os.Root, name string) error {
	if err := files.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// writeFile writes a file down to the disk.
func writeFile(files *os.Root, name string, content []byte, mode fs.FileMode) error {
	f, err := files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir makes a rename last. Where folders cannot be synced (Windows), the
// file system does so by itself.
func syncDir(files *os.Root, dir string) {
	if f, err := files.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
