package scaffold

import (
	"errors"
	"go/format"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/provider"
)

func TestAProjectOfEveryProviderIsValid(t *testing.T) {
	for _, name := range provider.Names() {
		dir := t.TempDir()
		files, err := Project(Options{Name: "Ada’s Keeper", Provider: name, Source: Source{Version: "v1.2.3"}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := Write(dir, files); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if cfg.Identity.Model == "" || cfg.Identity.Prefix != "adas-keeper" || len(cfg.Models) != 1 || cfg.Models[0].ID == "" {
			t.Errorf("%s: got %+v, want an identity and a judge with models", name, cfg.Identity)
		}
		row, _ := provider.Of(name)
		for _, f := range files {
			if f.Path == ".env.example" && row.KeyEnv != "" && !strings.Contains(string(f.Text), "\n#"+row.KeyEnv+"=\n") {
				t.Errorf("%s: .env.example does not name %s", name, row.KeyEnv)
			}
			if strings.Contains(string(f.Text), "[[") {
				t.Errorf("%s: %s has template code in it", name, f.Path)
			}
			if out, err := format.Source(f.Text); strings.HasSuffix(f.Path, ".go") && (err != nil || string(out) != string(f.Text)) {
				t.Errorf("%s: %s is not as gofmt wants it (%v)", name, f.Path, err)
			}
		}
	}
}

func TestAPublishedIsfIsRequiredAndNotReplaced(t *testing.T) {
	files, err := Project(Options{Name: "Keeper", Provider: "sim", Source: Source{Version: "v1.2.3"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Path == "go.mod" && (!strings.Contains(string(f.Text), "require "+Module+" v1.2.3\n") || strings.Contains(string(f.Text), "replace")) {
			t.Errorf("got go.mod %q", f.Text)
		}
		if f.Path == "go.sum" {
			t.Error("got a go.sum, want it left to Go")
		}
	}
}

// The language version of new modules is that of isf's own go.mod.
func TestGoVersionIsOurs(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\ngo "+goVersion+"\n") {
		t.Errorf("go.mod does not say go %s", goVersion)
	}
}

func TestWhereIsfComesFrom(t *testing.T) {
	here, err := filepath.Abs("source.go")
	if err != nil {
		t.Fatal(err)
	}
	checkout := filepath.ToSlash(filepath.Dir(filepath.Dir(filepath.Dir(here))))
	published := debug.Module{Path: Module, Version: "v1.2.3", Sum: "h1:x"}
	own := debug.Module{Path: "example.com/keeper"}
	for _, c := range []struct {
		what string
		info debug.BuildInfo
		file string
		want Source
	}{
		{"installed", debug.BuildInfo{Main: published}, "/gone/source.go", Source{Version: "v1.2.3"}},
		{"a checkout", debug.BuildInfo{Main: debug.Module{Path: Module, Version: "(devel)"}}, here, Source{Version: unpublished, Checkout: checkout}},
		{"a checkout with a version from git", debug.BuildInfo{Main: debug.Module{Path: Module, Version: "v0.0.1-0.2026-abc+dirty"}}, here, Source{Version: unpublished, Checkout: checkout}},
		{"a project's own", debug.BuildInfo{Main: own, Deps: []*debug.Module{&published}}, here, Source{Version: "v1.2.3"}},
		{"a project's own, replaced", debug.BuildInfo{Main: own, Deps: []*debug.Module{{Path: Module, Version: "v0.0.0", Replace: &debug.Module{Path: checkout}}}}, here, Source{Version: unpublished, Checkout: checkout}},
		{"-trimpath", debug.BuildInfo{Main: debug.Module{Path: Module, Version: "(devel)"}}, Module + "/internal/scaffold/source.go", Source{Version: unpublished, Lost: true}},
	} {
		got := sourceOf(&c.info, c.file)
		if got.Version != c.want.Version || got.Checkout != c.want.Checkout || got.Lost != c.want.Lost {
			t.Errorf("%s: got %s from %q, lost %v; want %+v", c.what, got.Version, got.Checkout, got.Lost, c.want)
		}
		if (got.Checkout != "") != (len(got.sums) > 0) {
			t.Errorf("%s: a checkout comes with its go.sum, and nothing else does", c.what)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"The Keeper": "the-keeper", "Élodie": "elodie", "Ada’s 2nd": "adas-2nd", "Мира": "identity"} {
		if got := Prefix(name); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", name, got, want)
		}
	}
	for folder, want := range map[string]string{"my-keeper": "My Keeper", "élan": "Élan", "2024": "Identity", "": "Identity"} {
		if got := NameOf(folder); got != want {
			t.Errorf("NameOf(%q) = %q, want %q", folder, got, want)
		}
	}
	for _, bad := range []string{"", " Keeper", "a\nb", "{{ x }}", "<b>", "a\"b", strings.Repeat("x", 61)} {
		if CheckName(bad) == nil {
			t.Errorf("CheckName(%q) accepts it", bad)
		}
	}
}

func TestAFileInTheWayStopsAll(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Write(dir, []File{{Path: "a", Text: []byte("x")}, {Path: "b", Text: []byte("x")}})
	var taken *TakenError
	if !errors.As(err, &taken) || len(taken.Paths) != 1 || taken.Paths[0] != "b" {
		t.Errorf("got %v, want b to be in the way", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("a was written, want nothing")
	}
}
