package view_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/identity-shaping/isf/internal/ctl"
)

const script = `"><script>window.pwned=1</script><img src=x onerror=window.pwned=1>`

// hostile is what models, datasets and names may hold.
var hostile = []string{
	`<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">`,
	`"><svg onload="window.pwned=1"></svg>`,
	`[click](javascript:window.pwned=1) <a href="javascript:window.pwned=1">x</a>`,
	`</pre></main></body><h1>gone</h1>`,
	"{{.Token}} ${window.pwned=1}",
	`<style>body{display:none}</style><link rel=stylesheet href=//evil.example/x.css><iframe src=//evil.example></iframe>`,
	"\u202eevil\u202c \u0007\u001b[31mred",
	strings.Repeat("long ", 400_000),
	strings.Repeat("x", 300_000),
}

// hostileRows are rows that say all of it, in every place where a row says
// something. more is added to each answer.
func hostileRows(t *testing.T, more string) string {
	t.Helper()
	var out strings.Builder
	for i, text := range hostile {
		row, err := json.Marshal(map[string]any{
			"id":       fmt.Sprintf("h-%d%s", i, script),
			"messages": []map[string]string{{"role": "user", "content": text}, {"role": "assistant<b>", "content": text + more}},
			"meta":     map[string]any{"source": text[:min(60, len(text))], "score": text[:min(9, len(text))]},
			"steps":    []map[string]any{{"step_id": text[:min(40, len(text))], "model": text[:min(40, len(text))], "response": text[:min(400, len(text))], "messages": []any{}, "sampling": map[string]string{script: script}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(row, '\n'))
	}
	return out.String()
}

func put(t *testing.T, path string, what any) {
	t.Helper()
	text, ok := what.(string)
	if !ok {
		b, err := json.Marshal(what)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b) + "\n"
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whatever models, datasets, names, tries, past builds and running builds say is
// shown as text on every page: nothing of it runs, loads, or breaks the page, and
// the browser's policy had nothing to stop.
func TestTextOfOthersIsTextOnEveryPage(t *testing.T) {
	runtimeDir(t)
	root := project(t)
	at := func(name string) string { return filepath.Join(root, name) }
	replaceIn(t, at("isf.yaml"), "name: Pell", "name: '<b>Pell</b><script>window.pwned=1</script>'")
	replaceIn(t, at("isf.yaml"), "model: sim/plain", "model: 'sim/<img src=x onerror=window.pwned=1>'")
	build(t, root, "behaviour", "facts")
	isfIn(t, root, "reroll", "behaviour:p-016201994c")
	build(t, root, "behaviour")
	editions, err := filepath.Glob(at(".isf/editions/*behaviour*/*.rows.jsonl"))
	if err != nil || len(editions) != 1 {
		t.Fatalf("the editions are %q, %v", editions, err)
	}
	put(t, editions[0], hostileRows(t, " before "+script))
	put(t, at("training/data/behaviour.jsonl"), hostileRows(t, "")+"{\"id\":\"bytes\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe broken\"}]}\n<script>window.pwned=1</script>\n")
	tried := []map[string]any{{"id": script, "rows": []map[string]any{{"id": script, "kind": "changed", "was": map[string]any{"id": script, "messages": []map[string]string{{"role": script, "content": script}}}, "now": map[string]any{"id": script, "messages": []map[string]string{{"role": script, "content": "now " + script}}}}, {"id": script, "kind": "failed", "reason": script}}}}
	put(t, at(".isf/tries/1.json"), map[string]any{"number": 1, "target": "training/data/behaviour", "with": []string{script}, "set": []string{script}, "because": []string{script}, "notes": []string{script}, "records": tried})
	put(t, at(".isf/tries/2.json"), map[string]any{"number": 2, "target": "training/data/behaviour", "records": tried})
	put(t, at(".isf/tries/3.json"), map[string]any{"number": 3, "compared": map[string]any{"models": []string{script}, "prompts": []map[string]any{{"messages": []map[string]string{{"role": "user", "content": script}}, "answers": []map[string]any{{"model": script, "model_resolved": script, "text": script, "finish_reason": script}}}}}})
	put(t, at(".isf/builds.jsonl"), map[string]any{"time": "2026-01-02T03:04:05Z", "command": script, "targets": []map[string]any{{"name": "training/data/behaviour", "state": script, "causes": []string{script}, "error": script}}})
	stop, err := ctl.Serve(root, func(ctl.Request) ctl.Answer {
		text, err := json.Marshal(map[string]any{
			"workers": 1, "lanes": []map[string]any{{"provider": script, "model": script, "host": script}}, "dropped": []string{script}, "failures": map[string]int{script: 1},
			"budgets": []map[string]any{{"name": script, "limit": map[string]int{"requests": 5}}},
			"targets": []map[string]any{{"target": "training/data/" + script, "done": 1, "errors": 1, "errors_by_type": map[string]int{script: 1}, "over": true, "error": script}},
		})
		if err != nil {
			t.Error(err)
		}
		return ctl.Answer{Status: text}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)

	s := visit(t, root, true)
	s.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(`globalThis.stopped = []; addEventListener("securitypolicyviolation", (e) => stopped.push(e.violatedDirective + " " + e.blockedURI))`).Do(ctx)
		return err
	}))
	pages := []struct{ path, selector, shows string }{
		{"/", ".project", "<b>Pell</b><script>"},
		{"/t/training/data/behaviour", "#rows", "<script>window.pwned = 1</script>"},
		{"/t/training/data/behaviour?q=" + url.QueryEscape(script) + "&source=%3Cb%3E", "#rows", " of 11 rows"},
		{"/t/training/data/behaviour#history", "#history", script},
		{"/diff/training/data/behaviour", "details.finding", script},
		{"/diff/training/data/behaviour?against=" + url.QueryEscape(script) + "&cause=" + url.QueryEscape(script), "main", script},
		{"/tries", "table.tries", script},
		{"/tries?n=1&n=2", ".cell", "now " + script},
		{"/tries/3", ".cell", script},
		{"/build", "#live", script},
		{"/build#past", "#past", script},
		{"/cache", "table", "<img src=x onerror=window.pwned=1>"},
		{"/t/" + url.PathEscape(script), "[role=alert]", script},
	}
	for range 4 { // of random rows
		pages = append(pages, struct{ path, selector, shows string }{"/review/training/data/behaviour", ".turn h4", "user"})
	}
	for i := range hostile {
		pages = append(pages, struct{ path, selector, shows string }{"/r/training/data/behaviour?n=0&id=" + url.QueryEscape(fmt.Sprintf("h-%d%s", i, script)), "h1", fmt.Sprintf("h-%d%s", i, script)})
	}
	for _, p := range pages {
		s.open(p.path)
		s.do(chromedp.Evaluate(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil))
		s.reads(p.selector, p.shows)
		s.sees("a whole page at "+p.path, `document.readyState === "complete" && window.pwned === undefined && document.querySelectorAll("main script, main img, main iframe, main link, main style, main [onerror], main [onload], a[href^=javascript]").length === 0 && document.querySelectorAll("main").length === 1 && document.querySelectorAll("h1").length === 1`)
		s.sees("no bidi mark at "+p.path, `!/[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText)`)
		s.sees("no sideways scrolling at "+p.path, `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
		s.sees("nothing that the policy had to stop at "+p.path, `Array.isArray(globalThis.stopped) && stopped.length === 0`)
		s.sees("nothing of another host at "+p.path, `performance.getEntriesByType("resource").every(e => e.name.startsWith(location.origin))`)
	}
	s.do(chromedp.Evaluate(`const i = document.createElement("script"); i.textContent = "window.pwned = 1"; document.body.append(i)`, nil))
	s.sees("that the policy stops a script, were one there", `window.pwned === undefined && stopped.length === 1`)
}
