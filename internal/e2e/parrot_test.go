package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// parrot starts a model at $PARROT that says every secret it is sent back, in
// answers, in the name of the model, in headers, and in errors of every kind.
// With "slow" it thinks for a second first.
func parrot(ts *testscript.TestScript, _ bool, args []string) {
	think := time.Duration(len(args)) * time.Second
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		time.Sleep(think)
		asked := func(word string) bool { return strings.Contains(string(body), "the number "+word+"?") }
		said, _ := json.Marshal("You sent " + r.Header.Get("Authorization") + " and " + r.Header.Get("X-Api-Key") + ".")
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.Header().Set("Retry-After-Ms", "1")
		switch {
		case asked("one"):
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, `{"error":{"message":%s}}`, said)
		case asked("two"):
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "<html>%s</html>", said)
		case asked("three"):
			fmt.Fprintf(w, `{"error":{"message":%s,"code":429}}`, said)
		case asked("four"): // a secret that comes in two pieces is no less one
			half := len(said) / 3
			w.Header().Set("Content-Type", "text/event-stream")
			for _, piece := range []string{string(said[:half]) + `"`, `"` + string(said[half:])} {
				fmt.Fprintf(w, "data: {\"model\":%s,\"choices\":[{\"delta\":{\"content\":%s,\"reasoning\":%s},\"finish_reason\":\"stop\"}]}\n\n", said, piece, piece)
			}
		case asked("five"):
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "event: error\ndata: %s\n\n", said)
		case asked("six"):
			w.Header().Set("Location", "/elsewhere/"+r.Header.Get("X-Api-Key"))
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprintf(w, `{"error":{"message":%s,"type":%s,"code":%s}}`, said, said, said)
		default:
			fmt.Fprintf(w, `{"model":%s,"choices":[{"message":{"content":%s,"reasoning":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}`, said, said, said)
		}
	}))
	ts.Defer(s.Close)
	ts.Setenv("PARROT", s.URL+"/v1")
}

// nowhere searches everything that was written below the work folder, and what
// the last command said, for a text: nowhere TEXT. Only where people write
// secrets down, in .env and isf.yaml, it may be.
func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), args[0]) {
			ts.Fatalf("%s holds %s", name, args[0])
		}
	}
	files := 0
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == ".env" || d.Name() == "isf.yaml" {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), args[0]) {
			err = fmt.Errorf("%s holds %s", path, args[0])
		}
		return err
	}))
	if files == 0 {
		ts.Fatalf("there is nothing to search")
	}
}

// inPages opens every page of `isf view` that a link leads to, and what the pages
// fetch, and wants FIRST in one of them and no other text in any: inPages FIRST TEXT…
func inPages(ts *testscript.TestScript, _ bool, args []string) {
	c := exec.Command(lookPath(ts, "odd"), "view", "--addr", "127.0.0.1:0", "--no-open")
	c.Dir, c.Env = ts.MkAbs("."), []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME")}
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	address, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	start, err := url.Parse(strings.TrimSpace(address))
	ts.Check(err)
	found := false
	for queue, seen := []string{start.RequestURI()}, map[string]bool{}; len(queue) > 0 && len(seen) < 150; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		res, err := client.Get("http://" + start.Host + queue[0])
		ts.Check(err)
		text, err := io.ReadAll(res.Body)
		ts.Check(errors.Join(err, res.Body.Close()))
		found = found || strings.Contains(string(text), args[0])
		for _, secret := range args[1:] {
			if strings.Contains(string(text), secret) {
				ts.Fatalf("the page %s holds %s", queue[0], secret)
			}
		}
		for _, link := range localLink.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(link[1], "/static/") {
				queue = append(queue, html.UnescapeString(link[1]))
			}
		}
	}
	if !found {
		ts.Fatalf("no page holds %s", args[0])
	}
}

// localLink is what a page leads to, or fetches.
var localLink = regexp.MustCompile(`(?:href|hx-get)="(/[^"]*)"`)

func lookPath(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); isExecutable(path) {
			return path
		}
	}
	ts.Fatalf("%s is not in PATH", name)
	return ""
}

func isExecutable(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}
