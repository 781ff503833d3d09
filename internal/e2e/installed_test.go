package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"replace": replace, "await": await, "shown": shown},
	})
}

// shown waits until a page of isf view holds what a pattern says: shown LOG PATH
// PATTERN. The log begins with the address that it printed.
func shown(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[2])
	deadline := time.Now().Add(2 * time.Minute) // for a machine that compiles other things too
	said := ""
	for ; time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		text, _ := os.ReadFile(ts.MkAbs(args[0]))
		address, _, whole := strings.Cut(string(text), "\n")
		if u, err := url.Parse(address); err == nil && whole {
			if said = page(u, args[1]); pattern.MatchString(said) {
				return
			}
		}
	}
	ts.Fatalf("%s never holds %s; the last was\n%s", args[1], args[2], said)
}

// page is a page of isf view, "no answer" while nobody gives one.
func page(address *url.URL, path string) string {
	r, err := http.NewRequest(http.MethodGet, "http://"+address.Host+path, nil)
	if err != nil {
		return err.Error()
	}
	r.AddCookie(&http.Cookie{Name: "isf-view-" + address.Port(), Value: address.Query().Get("token")})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "no answer"
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return "no answer"
	}
	return string(text)
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
