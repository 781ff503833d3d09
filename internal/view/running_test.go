package view_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/identity-shaping/isf"
	"github.com/identity-shaping/isf/internal/sim"
	"github.com/identity-shaping/isf/pipelines"
)

// asCommand makes the test's binary the isf of the example.
const asCommand = "ISF_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		isf.Main(pipelines.All()...)
		return
	}
	code := m.Run()
	if chromium.stop != nil {
		watched("the end of Chromium")
		chromium.stop()
	}
	os.Exit(code)
}

// command is `isf args…` in the project.
func command(t *testing.T, root string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Dir, c.Env = root, append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0", "NO_COLOR=1")
	return c
}

// slowly has the identity of the project answered by `isf sim` as a server,
// priced and in trouble.
func slowly(t *testing.T, root string, o sim.Options) { t.Helper(); answeredBy(t, root, sim.New(o)) }

func answeredBy(t *testing.T, root string, model http.Handler) {
	t.Helper()
	server := httptest.NewServer(model)
	t.Cleanup(func() { shut(server) })
	replaceIn(t, filepath.Join(root, "isf.yaml"), "  provider: sim\n  model: sim/plain\n", "  provider: lab\n  model: slow\n  price: {prompt: 1, completion: 4}\n")
	replaceIn(t, filepath.Join(root, "isf.yaml"), "models:\n", "providers:\n  lab: {base_url: "+server.URL+"/v1}\nbudget:\n  per_build: {cost: 3, requests: 4000}\n\nmodels:\n")
}

// runtimeDir is where builds of a test have their sockets: paths of sockets have
// few characters, so no t.TempDir.
func runtimeDir(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "v")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
}

// A build in another process is followed without touching the page: how far it
// is, how fast, what failed, what it spends; and it obeys the page.
func TestARunningBuildIsFollowedAndSteered(t *testing.T) {
	runtimeDir(t)
	root := project(t)
	slowly(t, root, sim.Options{Latency: 400 * time.Millisecond, ErrorRate: 0.1, TruncateRate: 0.4, Seed: 4})
	s := visit(t, root, true)
	s.open("/build")
	s.reads("#live", "No build is running")

	var said strings.Builder
	c := command(t, root, "build", "behaviour", "-w", "2")
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait(); close(ended) }()
	t.Cleanup(func() { _ = c.Process.Signal(syscall.SIGKILL); <-ended })

	s.reads("#live h2", "sends")
	s.reads("#live .tile", "of 2")
	s.reads("#live td.name", "behaviour")
	const done = `Number.parseInt(document.querySelector("#live td.progress span").innerText)`
	s.sees("records that grow in number", `(globalThis.seen ??= `+done+`) + 3 < `+done)
	s.sees("the rate of records", `/[0-9]\/s/.test(document.querySelector("#live table.lines tbody tr").innerText)`)
	s.sees("the rate of requests", `[...document.querySelectorAll("#live .tile")].some(e => /[0-9]\/s\s+requests, [0-9.]+k?\/s tokens/.test(e.innerText))`)
	s.reads("#live .purse", "of $3.00")
	s.reads("#live .purse", "of 4,000 requests")
	s.sees("money that was spent", `[...document.querySelectorAll("#live .tile b")].some(e => /^\$0\.0*[1-9]/.test(e.innerText))`)
	s.reads("#live td .errors", "truncated")
	s.reads("#live .failures", "server_error")
	s.reads("#live .lanes", "slow")

	s.do(chromedp.Click(`#steer button[value=pause]`, chromedp.ByQuery))
	s.reads("#live h2", "paused")
	s.reads("#live .tile", "0 of 2")
	s.do(chromedp.SetValue(`#steer input[name=n]`, "40", chromedp.ByQuery), chromedp.Click(`#steer button[value=workers]`, chromedp.ByQuery))
	s.reads("#live .tile", "0 of 40")
	s.do(chromedp.SetValue(`#steer input[name=usd]`, "7.50", chromedp.ByQuery), chromedp.Click(`#steer button[value=budget]`, chromedp.ByQuery))
	s.reads("#live .purse", "of $7.50")

	// What somebody types is not taken away by the next second of the build.
	s.do(chromedp.SendKeys(`#steer input[name=usd]`, "12", chromedp.ByQuery))
	s.do(chromedp.Click(`#steer button[value=resume]`, chromedp.ByQuery))
	s.reads("#live h2", "sends")
	s.reads("#live td.progress", "of 252 records")
	s.reads("#live", "No build is running")
	s.reads("#past summary", "isf build behaviour -w 2")
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
}

// Somebody who may only look is offered nothing to press, and what they send is
// refused.
func TestARunningBuildIsOnlyShownWithoutWrite(t *testing.T) {
	runtimeDir(t)
	root := project(t)
	slowly(t, root, sim.Options{Latency: 400 * time.Millisecond})
	c := command(t, root, "build", "behaviour", "-w", "2", "-n", "40")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Signal(syscall.SIGKILL); _ = c.Wait() })
	s := visit(t, root, false)
	s.open("/build")
	s.reads("#live h2", "sends")
	s.reads("#steer", "Start isf view --write")
	s.sees("no form", `document.querySelectorAll("form").length === 0`)
	s.do(chromedp.Evaluate(`fetch("/ctl", {method: "POST", body: new URLSearchParams({command: "pause"})}).then(r => globalThis.answer = r.status)`, nil))
	s.sees("the refusal", `globalThis.answer === 403`)
	s.reads("#live h2", "sends")
}
