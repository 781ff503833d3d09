package registry

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/config"
)

// snapshot returns every file of a folder.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(root, name)
		all[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReleaseFreezesTheDevPromptsAndKeepsTheSettings(t *testing.T) {
	r := load(t, files())
	want := snapshot(t, r.root)
	want[config.FileName] = strings.Replace(settings, "release_version: v0.1", "release_version: v0.2", 1)
	for _, v := range r.Variants() {
		want["identity/versions/v0.2/sysprompts/"+v+".txt"] = lookup(t, r, "keeper-dev-"+v).SysPrompt
	}
	written, err := r.Release("v0.2")
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{"identity/versions/v0.2/sysprompts/full.txt", "identity/versions/v0.2/sysprompts/short.txt", "isf.yaml"}; !reflect.DeepEqual(written, got) {
		t.Errorf("wrote %v, want %v", written, got)
	}
	if got := snapshot(t, r.root); !reflect.DeepEqual(got, want) {
		t.Errorf("the project is\n%v\nwant\n%v", got, want)
	}
	after := reload(t, r.root)
	if got, want := lookup(t, after, "keeper-release-short").SysPrompt, lookup(t, r, "keeper-dev-short").SysPrompt; got != want {
		t.Errorf("the release is %q, want %q", got, want)
	}
}

func TestReleaseRefusesBadNames(t *testing.T) {
	r := load(t, files())
	before := snapshot(t, r.root)
	for version, want := range map[string]string{
		"dev":     "dev cannot be released",
		"0.2":     "begins with v",
		"v0.1":    "version v0.1 exists already",
		"v../x":   "cannot name a version",
		"v0.2/..": "cannot name a version",
		"v 2":     "cannot name a version",
	} {
		if _, err := r.Release(version); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", version, err, want)
		}
	}
	if got := snapshot(t, r.root); !reflect.DeepEqual(got, before) {
		t.Error("a refused release changed the project")
	}
}

func TestAReleaseThatFailsChangesNothing(t *testing.T) {
	for name, breakIt := range map[string]func(t *testing.T, root string){
		"a template does not render": func(t *testing.T, root string) {
			write(t, root, "identity/templates/other.j2", "{{ nope.x }}")
		},
		"isf.yaml cannot be replaced": func(t *testing.T, root string) {
			write(t, root, ".isf.yaml.new/in-the-way", "")
		},
		"isf.yaml cannot be edited": func(t *testing.T, root string) {
			write(t, root, config.FileName, strings.Replace(settings, "v0.1", "!!str v0.1", 1))
		},
		"the folder of versions cannot be written": func(t *testing.T, root string) {
			os.RemoveAll(filepath.Join(root, "identity/versions"))
			write(t, root, "identity/versions", "a file")
		},
		"another version of that name": func(t *testing.T, root string) {
			write(t, root, "identity/versions/v0.2/sysprompts/full.txt", "other")
		},
	} {
		r := load(t, files())
		breakIt(t, r.root)
		before := snapshot(t, r.root)
		if _, err := r.Release("v0.2"); err == nil {
			t.Errorf("%s: the release succeeded", name)
		}
		if got := snapshot(t, r.root); !reflect.DeepEqual(got, before) {
			t.Errorf("%s: the project changed:\n%v\nwas\n%v", name, got, before)
		}
	}
}

func TestAReleaseThatWasKilledIsFinishedByReleasingAgain(t *testing.T) {
	r := load(t, files())
	write(t, r.root, "identity/versions/.v0.2.new/sysprompts/half.txt", "cut")
	for _, v := range r.Variants() { // killed behind the folder, before isf.yaml
		write(t, r.root, "identity/versions/v0.2/sysprompts/"+v+".txt", lookup(t, r, "keeper-dev-"+v).SysPrompt)
	}
	if _, err := r.Release("v0.2"); err != nil {
		t.Fatal(err)
	}
	if got := reload(t, r.root).cfg.Identity.ReleaseVersion; got != "v0.2" {
		t.Errorf("the release is %s, want v0.2", got)
	}
	if _, err := reload(t, r.root).Release("v0.2"); err == nil {
		t.Error("a finished version was released again")
	}
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
