package view_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/view"
	"github.com/identity-shaping/isf/pipelines"
)

// required is set where a missing browser must not pass for a passed test.
const required = "ISF_BROWSER_REQUIRED"

// A site is a copy of this repository's project, shown by a studio.
type site struct {
	t    *testing.T
	root string
	url  string
	ctx  context.Context // of a tab of the browser
}

// chromium is one for all tests; each has a tab of its own in it.
var chromium struct {
	sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func startChromium() {
	dir, err := os.MkdirTemp("", "isf-chromium-")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.UserDataDir(dir), chromedp.WSURLReadTimeout(time.Minute))
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, quit := chromedp.NewContext(ctx)
	chromium.ctx, chromium.stop = ctx, func() { quit(); end(); _ = os.RemoveAll(dir) }
	chromium.err = errors.Join(err, chromedp.Run(ctx))
}

// browser opens a tab in Chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		_, err := exec.LookPath(name)
		found = found || err == nil
	}
	if !found {
		if os.Getenv(required) != "" {
			t.Fatal("there is no Chromium, and " + required + " is set")
		}
		t.Skip("there is no Chromium, so the pages are not looked at")
	}
	if chromium.Do(startChromium); chromium.err != nil {
		t.Fatal(chromium.err)
	}
	ctx, stop := chromedp.NewContext(chromium.ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(stop)
	return ctx
}

// longest is how long a test of pages may take: many times what any takes here.
const longest = 3 * time.Minute

// watched ends all tests when this one hangs, and prints where everybody is: go
// test itself would do so after whoever runs it has lost patience.
func watched(name string) (stop func() bool) {
	return time.AfterFunc(longest, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("%s has not ended after %v", name, longest))
	}).Stop
}

// project copies what a clone has of the example into a new folder.
func project(t testing.TB) string {
	t.Helper()
	if _, timed := t.(*testing.B); !timed {
		stop := watched(t.Name())
		t.Cleanup(func() { stop() }) // after all that the test itself cleans up
	}
	root := t.TempDir()
	for _, name := range []string{"identity", "prompts", "pipelines", "isf.yaml", "go.mod", "go.sum", "training"} {
		err := filepath.WalkDir(filepath.Join("../..", name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, ".manifest.json") || strings.Contains(path, "training/data/") && strings.HasSuffix(path, ".jsonl") || strings.Contains(path, "versions/dev") {
				return err
			}
			rel, err := filepath.Rel("../..", path)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if err == nil {
				err = os.MkdirAll(filepath.Dir(filepath.Join(root, rel)), 0o755)
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(root, rel), text, 0o644)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func open(root string) (*view.Workspace, error) {
	p, err := engine.Open(root, pipelines.All(), nil)
	if err != nil {
		return nil, err
	}
	r, err := graph.NewReader(root, filepath.Join(engine.StateDir, "stat"))
	if err != nil {
		return nil, err
	}
	return &view.Workspace{Project: p, Reader: r, Close: func() { _ = r.Close(); _ = p.Close() }}, nil
}

// build builds targets of the project as it is now.
func build(t testing.TB, root string, names ...string) {
	t.Helper()
	w, err := open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	targets, err := w.Graph.Select(names)
	if err != nil {
		t.Fatal(err)
	}
	results, err := w.Build(context.Background(), targets, w.Reader, engine.Options{Getenv: os.Getenv, Log: func(string) {}}, func(*engine.Engine) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
}

// rows says where the rows of a target are.
func rows(root string) func(*view.Workspace, *graph.Target) (string, string, error) {
	return func(_ *view.Workspace, t *graph.Target) (string, string, error) {
		path := filepath.Join(root, t.Output)
		_, err := os.Stat(path)
		return path, filepath.Join(root, t.Errors), err
	}
}

// visit shows a project and opens it in a browser.
func visit(t *testing.T, root string, write bool) *site {
	t.Helper()
	ctx := browser(t)
	_, server, _ := serve(t, root, view.Options{
		Write: write,
		Code: func() (string, error) {
			text, err := os.ReadFile(filepath.Join(root, "pipelines/facts.go"))
			return string(text), err
		},
	})
	s := &site{t, root, server.URL, ctx}
	s.do(page.BringToFront(), chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.url+"/?token=sesame"), chromedp.WaitReady("#main", chromedp.ByQuery))
	return s
}

func (s *site) do(actions ...chromedp.Action) {
	s.t.Helper()
	if err := chromedp.Run(s.ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

// open goes to a page.
func (s *site) open(path string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.url+path), chromedp.WaitReady("#main", chromedp.ByQuery))
}

// sees waits until an expression of the page is true.
func (s *site) sees(what, expression string) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		var ok bool
		// A page that is on its way has nothing to evaluate in.
		err := chromedp.Run(s.ctx, chromedp.Evaluate("Boolean("+expression+")", &ok))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) || s.ctx.Err() != nil {
			var text string
			_ = chromedp.Run(s.ctx, chromedp.Evaluate("location.href + \"\\n\" + document.body.innerText.slice(0, 1500)", &text))
			s.t.Fatalf("the page does not show %s (%s): %v\n%s", what, expression, err, text)
		}
		time.Sleep(40 * time.Millisecond)
	}
}

// reads waits until the page, or a part of it, holds a text.
func (s *site) reads(selector, text string) {
	s.t.Helper()
	s.sees(fmt.Sprintf("%q in %s", text, selector), fmt.Sprintf("[...document.querySelectorAll(%s)].some(e => (e.innerText ?? e.textContent).includes(%s))", quote(selector), quote(text)))
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// key presses keys one after the other, once the page listens.
func (s *site) key(keys string) {
	s.t.Helper()
	s.sees("a whole page", `document.readyState === "complete"`)
	s.do(chromedp.KeyEvent(keys))
}

func replaceIn(t *testing.T, path, old, now string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, now, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
