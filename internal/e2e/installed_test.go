package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestInstalled runs scripts with the isf that `go install` would make, in
// projects with a cmd/isf of their own. There is no network. The condition
// [module:PATTERN] holds where the module cache has such a folder.
func TestInstalled(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles projects")
	}
	bin := t.TempDir()
	install := exec.Command("go", "build", "-o", filepath.Join(bin, exe("isf")), "./cmd/isf")
	install.Dir = repository()
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	caches := goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/installed",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
			for name, value := range caches {
				env.Setenv(name, value)
			}
			env.Setenv("ISF", filepath.Join(bin, exe("isf")))
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOFLAGS", "")
			env.Setenv("NO_COLOR", "1")
			return nil
		},
		Condition: func(word string) (bool, error) {
			pattern, is := strings.CutPrefix(word, "module:")
			if !is {
				return false, fmt.Errorf("unknown condition %q", word)
			}
			found, err := filepath.Glob(filepath.Join(caches["GOMODCACHE"], filepath.FromSlash(pattern)))
			return len(found) > 0, err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"replace": replace, "await": await},
	})
}

func exe(name string) string {
	if os.PathSeparator == '\\' {
		return name + ".exe"
	}
	return name
}

func goEnv(t *testing.T, names ...string) map[string]string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for i, value := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		env[names[i]] = strings.TrimSpace(value)
	}
	return env
}
