package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func logged(command string) *LoggedBuild {
	return &LoggedBuild{Command: command, Targets: []LoggedTarget{{Name: "a", Causes: []string{strings.Repeat("x", longestText)}}}}
}

func TestTheLogStaysBoundedAndKeepsTheLastBuilds(t *testing.T) {
	p := emptyProject(t)
	long := strings.Repeat("x", 20_000)
	for i := range 80 {
		if err := p.logBuild(logged(fmt.Sprint(i, long))); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(p.Root, logPath))
		if err != nil || info.Size() > mostLogged {
			t.Fatalf("after %d builds the log has %d bytes (%v), want at most %d", i+1, info.Size(), err, mostLogged)
		}
	}
	builds, err := p.Log(3)
	if err != nil || len(builds) != 3 || !strings.HasPrefix(builds[2].Command, "79x") {
		t.Errorf("the last 3 builds are %d, %v", len(builds), err)
	}
}

func TestALogThatWasCutAnywhereGoesOn(t *testing.T) {
	p := emptyProject(t)
	if err := p.logBuild(logged("first")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(p.Root, logPath)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.logBuild(logged("second")); err != nil {
			t.Fatal(err)
		}
		builds, err := p.Log(10)
		if err != nil || len(builds) == 0 || builds[len(builds)-1].Command != "second" {
			t.Fatalf("cut at %d: %d builds, %v", n, len(builds), err)
		}
	}
}

func TestSeveralBuildsLogAtOnce(t *testing.T) {
	p := emptyProject(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := p.logBuild(logged(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if builds, err := p.Log(100); err != nil || len(builds) != 20 {
		t.Errorf("%d builds were logged, %v, want 20", len(builds), err)
	}
}
