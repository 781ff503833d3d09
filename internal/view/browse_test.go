package view_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/identity-shaping/isf/internal/sim"
	"github.com/identity-shaping/isf/internal/view"
)

// choose sets a menu or a number of the filters, as a person does.
func (s *site) choose(name, value string) {
	s.t.Helper()
	s.do(chromedp.Evaluate(`(() => { const e = document.querySelector("#filters [name=`+name+`]"); e.value = `+quote(value)+`; e.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil))
}

// Rows of a target are found by what they are, in any order, by keyboard alone.
func TestRowsAreFilteredSortedAndTurned(t *testing.T) {
	root := project(t)
	slowly(t, root, sim.Options{TruncateRate: 0.4, Seed: 4})
	build(t, root, "behaviour", "facts")
	s := visit(t, root, true)
	s.open("/t/training/data/behaviour")
	total := `document.querySelector("#rows strong").innerText`
	each := func(cells, holds string) string {
		return `[...document.querySelectorAll("#rows tbody tr ` + cells + `")].every(e => ` + holds + `)`
	}

	s.choose("state", "error")
	s.reads("#rows tr.failed", "truncated")
	s.reads(".rowsbar", "records that failed")
	s.sees("every row a failure, with what was asked", each("td.answer", `e.innerText.startsWith("truncated")`)+` && `+each("td.prompt", `e.innerText.includes(" ")`))
	s.click("#rows td.prompt a")
	s.reads(".banner.bad", "truncated")
	s.sees("what was asked and said last, of three attempts", `document.querySelectorAll(".read .turn").length === 2 && document.querySelectorAll(".step").length === 3 && [...document.querySelectorAll(".step > summary")].every(e => e.innerText.includes("✗ rejected"))`)
	s.sees("nothing to decide but to ask again", `[...document.querySelectorAll(".actions button")].map(e => e.value).join() === "reroll"`)
	s.open("/t/training/data/behaviour")
	s.choose("state", "changed")
	s.reads("#rows", "No row is like that")
	s.choose("state", "")
	s.choose("score", "3")
	s.sees("rows of this score only", total+` > 0 && `+each("td:nth-child(6)", `e.innerText === "3"`)+` && location.search === "?score=3"`)
	s.choose("score", "")
	s.choose("min", "90")
	s.choose("max", "110")
	s.sees("answers of this length only", `location.search.includes("max=110") && `+total+` > 0 && `+each("td:nth-child(4)", `Number(e.innerText) >= 90 && Number(e.innerText) <= 110`))
	s.choose("min", "")
	s.choose("max", "")
	s.choose("finding", "duplicate-answers")
	s.sees("the rows that the check found", `location.search.includes("finding=duplicate-answers") && document.querySelectorAll("#rows tbody tr").length > 0`)
	s.choose("finding", "")
	s.choose("review", "none")
	s.sees("all are unreviewed", `location.search === "?review=none"`)
	s.choose("review", "")
	s.sees("all rows again", `location.search === ""`)

	s.click(`#rows th a[href*="sort=length"]`)
	s.sees("the longest first", `document.querySelector("#rows th[aria-sort=descending]") !== null && (n => n.every((x, i) => i === 0 || x <= n[i-1]))([...document.querySelectorAll("#rows tbody td:nth-child(4)")].map(e => Number(e.innerText)))`)
	s.click(`#rows th a[href*="sort=length"]`)
	s.sees("the shortest first", `document.querySelector("#rows th[aria-sort=ascending]") !== null && (n => n.every((x, i) => i === 0 || x >= n[i-1]))([...document.querySelectorAll("#rows tbody td:nth-child(4)")].map(e => Number(e.innerText)))`)

	for _, column := range []string{"turns", "score", "tokens", "latency", "cost"} {
		s.sees("a column of "+column, `document.querySelector("#rows th a[href*='sort=`+column+`']") !== null`)
		s.click(`#rows th a[href*="sort=` + column + `"]`)
		s.sees("the rows by "+column, `location.search.includes("sort=`+column+`") && (n => n.every((x, i) => i === 0 || x <= n[i-1]))([...document.querySelectorAll("#rows tbody td:nth-child(" + (1 + [...document.querySelectorAll("#rows th")].findIndex(e => e.getAttribute("aria-sort") === "descending")) + ")")].map(e => parseFloat(e.innerText.replace(/[$,]/g, "")) * (/k$| s$/.test(e.innerText) ? 1000 : 1)))`)
	}
	s.open("/t/training/data/behaviour?sort=length")
	for title, bar := range map[string]string{
		"Length of answers": "rect", "Tokens of a row's requests": "rect", "Cost of a row's requests": "rect", "Time of a row's requests": "rect",
		"Scores": "li", "How answers begin": "li", "Phrases": "li",
	} {
		s.sees("a plot of "+title, `[...document.querySelectorAll("#plots figure")].some(f => f.innerText.startsWith(`+quote(title)+`) && f.querySelectorAll(`+quote(bar)+`).length > 3)`)
	}
	s.sees("bars that say how many rows they stand for, all of them together", `[...document.querySelectorAll("#plots svg.bins")].every(svg => [...svg.querySelectorAll("title")].reduce((n, e) => n + Number.parseInt(e.textContent.replace(",", "")), 0) === Number(document.querySelector("#rows strong").innerText))`)
	s.do(chromedp.Evaluate(`[...document.querySelectorAll("#plots .bars a")].find(a => a.innerText === "3").click()`, nil))
	s.sees("the rows that a bar stands for", `location.search === "?score=3"`)
	s.open("/t/training/data/behaviour?sort=length")

	s.key("n")
	s.reads("#rows .pager", "page 2 of")
	s.sees("the page in the address", `location.search.includes("page=2") && location.search.includes("sort=length")`)
	s.key("n")
	s.reads("#rows .pager", "page 3 of")
	s.key("p")
	s.reads("#rows .pager", "page 2 of")
	s.key("jj")
	s.sees("the second row", `document.querySelectorAll("#rows tbody tr")[1].classList.contains("chosen")`)
	s.key("k" + enter)
	s.reads(".crumbs", "51 of")
	s.key("j")
	s.reads(".crumbs", "52 of")
	s.key("k")
	s.reads(".crumbs", "51 of")
	s.key("u")
	s.sees("the page of the list", `location.search.includes("page=2") && location.search.includes("sort=length")`)
	s.key("/")
	s.sees("the search", `document.activeElement.id === "q"`)
	var some string
	s.do(chromedp.Evaluate(`document.querySelector("#rows td.prompt").innerText.slice(0, 40)`, &some))
	s.do(chromedp.Evaluate(`document.getElementById("q").value = ""`, nil), chromedp.SendKeys("#q", some, chromedp.ByQuery)) // chromedp types the / itself too
	s.sees("what was searched", `Number(`+total+`) < 9 && document.querySelector("#rows td.prompt")?.innerText.startsWith(`+quote(some)+`)`)
	s.key(kb.Escape + "j" + enter)
	s.reads(".turn.user", some)

	s.open("/t/training/data/facts")
	s.sees("a menu of sources", `document.querySelectorAll("#filters [name=source] option").length > 2`)
	s.do(chromedp.Evaluate(`(() => { const m = document.querySelector("#filters [name=source]"); m.selectedIndex = 2; m.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil))
	s.sees("rows of this source only", `location.search.startsWith("?source=") && Number(`+total+`) > 0 && Number(`+total+`) < 170`)
}

// A list that is being fetched again when somebody filters it does not come back
// over what they asked for.
func TestWhatIsChosenIsNotWrittenOver(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	_, server, _ := serve(t, root, view.Options{})
	pages, fetched, brokenOff := server.Config.Handler, make(chan bool, 1), make(chan bool, 1)
	var slow atomic.Bool
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/rows/") && r.URL.RawQuery == "" && slow.CompareAndSwap(true, false) {
			fetched <- true
			<-r.Context().Done()
			brokenOff <- true
		}
		pages.ServeHTTP(w, r)
	})
	s := &site{t, root, server.URL, browser(t)}
	s.do(chromedp.Navigate(s.url+"/?token=sesame"), chromedp.WaitReady("#main", chromedp.ByQuery))
	s.open("/t/training/data/behaviour")
	s.sees("all rows", `document.querySelector("#rows strong")?.innerText === "252" && !document.querySelector("#rows").innerText.includes("known so far")`)
	slow.Store(true)
	s.do(chromedp.Evaluate(`htmx.trigger(document.body, "isf:changed")`, nil))
	<-fetched
	s.choose("score", "3")
	s.sees("rows of this score only", `location.search === "?score=3" && [...document.querySelectorAll("#rows tbody td:nth-child(6)")].every(e => e.innerText === "3")`)
	select {
	case <-brokenOff:
	case <-time.After(20 * time.Second):
		t.Error("the list as it was is still on its way")
	}
}

// What is known only when all rows have been read comes into the page when it is known, and into its own place.
func TestThePageOfManyRowsFillsWhileTheyAreRead(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	writeLarge(t, root, 20_000, 16_000)
	s := visit(t, root, false)
	s.open("/t/" + largeTarget)
	s.reads("#rows", "known so far")
	s.sees("a menu of scores, once", `document.querySelectorAll("select[name=score]").length === 1`)
	s.sees("all rows", `document.querySelector("#rows strong").innerText === "20,000" && !document.querySelector("#rows").innerText.includes("known so far")`)
	s.sees("the first page of them", `document.querySelectorAll("#rows tbody tr").length === 50 && document.querySelectorAll("select[name=score]").length === 1`)
}
