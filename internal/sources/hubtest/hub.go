// Package hubtest is a server that behaves like the hub of datasets does, for
// tests: an interface that lists commits and files, addresses of files that
// lead to a second host with a signature, and everything that goes wrong there.
package hubtest

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Hub is a running server with any number of datasets.
type Hub struct {
	*httptest.Server                  // the hub itself
	CDN              *httptest.Server // where files are

	mu     sync.Mutex
	repos  map[string]*repo // OWNER/NAME
	faults Faults
	tally  Tally
	signed map[string]int // signature → requests it has served
}

// Faults are what goes wrong.
type Faults struct {
	Token      string // is wanted by every dataset; "" if none is
	Gated      bool   // the token's owner has not accepted the terms
	Busy       int    // so many requests get 429
	Broken     int    // so many get 503
	Uses       int    // a signature serves so many requests; 0 is any number
	Whole      bool   // ranges are ignored
	CutAfter   int    // so many bytes of a body come, and then the connection ends; 0 is all
	Cuts       int    // how many bodies are cut
	SmallPages bool   // a listing has two files to a page
}

// A Tally counts what was served.
type Tally struct {
	Requests, Signatures int
	Bytes                int64 // of files
	Leaked               int   // requests to the CDN that carried a token
}

type repo struct {
	branches map[string]string            // name → commit
	commits  map[string]map[string][]byte // commit → path → content
}

// New starts a hub. Close ends it.
func New() *Hub {
	h := &Hub{repos: map[string]*repo{}, signed: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	h.CDN = httptest.NewServer(http.HandlerFunc(h.serveFile))
	return h
}

// Close ends both servers.
func (h *Hub) Close() {
	h.Server.Close()
	h.CDN.Close()
}

// Commit puts files on a branch of a dataset, as its whole content, and returns
// the commit.
func (h *Hub) Commit(name, branch string, files map[string][]byte) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.repos[name]
	if r == nil {
		r = &repo{map[string]string{}, map[string]map[string][]byte{}}
		h.repos[name] = r
	}
	sum := sha1.Sum(fmt.Append(nil, name, branch, len(r.commits)))
	sha := hex.EncodeToString(sum[:])
	r.branches[branch], r.commits[sha] = sha, files
	return sha
}

// Fail sets what goes wrong from now on.
func (h *Hub) Fail(f Faults) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = f
}

// Reset returns what was served since the last Reset.
func (h *Hub) Reset() Tally {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.tally
	h.tally = Tally{}
	return t
}

func (h *Hub) serve(w http.ResponseWriter, req *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tally.Requests++
	switch f := &h.faults; {
	case f.Busy > 0:
		f.Busy--
		w.Header().Set("Retry-After", "3")
		http.Error(w, "rate limited", http.StatusTooManyRequests)
	case f.Broken > 0:
		f.Broken--
		http.Error(w, "<html>upstream</html>", http.StatusServiceUnavailable)
	case f.Token != "" && req.Header.Get("Authorization") != "Bearer "+f.Token:
		refuse(w, http.StatusUnauthorized, "RepoNotFound", "Invalid username or password.")
	case f.Gated:
		refuse(w, http.StatusForbidden, "GatedRepo", "Access to this dataset is restricted.")
	default:
		h.answer(w, req)
	}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Error-Code", code)
	w.Header().Set("X-Error-Message", message)
	w.WriteHeader(status)
}

// answer knows /api/datasets/O/N/{revision,tree}/REV and
// /datasets/O/N/resolve/REV/PATH.
func (h *Hub) answer(w http.ResponseWriter, req *http.Request) {
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(req.URL.EscapedPath(), "/api"), "/"), "/")
	if len(parts) < 5 || parts[0] != "datasets" {
		http.NotFound(w, req)
		return
	}
	name, verb := parts[1]+"/"+parts[2], parts[3]
	r := h.repos[name]
	if r == nil {
		refuse(w, http.StatusUnauthorized, "RepoNotFound", "Invalid username or password.") // as the hub does
		return
	}
	revision, _ := url.PathUnescape(parts[4])
	sha := revision
	if c, ok := r.branches[revision]; ok {
		sha = c
	}
	files := r.commits[sha]
	switch {
	case files == nil:
		refuse(w, http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+revision)
	case verb == "revision":
		_ = json.NewEncoder(w).Encode(map[string]any{"id": name, "sha": sha, "private": false})
	case verb == "tree":
		h.tree(w, req, files)
	default:
		path, _ := url.PathUnescape(strings.Join(parts[5:], "/"))
		h.resolve(w, req, name, sha, path, files)
	}
}

func (h *Hub) tree(w http.ResponseWriter, req *http.Request, files map[string][]byte) {
	var all []map[string]any
	for path, data := range files {
		sum := sha256.Sum256(data)
		e := map[string]any{"type": "file", "path": path, "size": len(data), "oid": hex.EncodeToString(sum[:20])}
		if strings.HasSuffix(path, ".parquet") {
			e["lfs"] = map[string]any{"oid": hex.EncodeToString(sum[:]), "size": len(data), "pointerSize": 130}
		}
		all = append(all, e)
	}
	all = append(all, map[string]any{"type": "directory", "path": "data", "size": 0, "oid": "0"})
	slices.SortFunc(all, func(a, b map[string]any) int { return strings.Compare(a["path"].(string), b["path"].(string)) })
	from := 0
	_, _ = fmt.Sscan(req.URL.Query().Get("cursor"), &from)
	if to := from + 2; h.faults.SmallPages && to < len(all) {
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?recursive=true&cursor=%d>; rel="next"`, h.URL, req.URL.EscapedPath(), to))
		all = all[from:to]
	} else {
		all = all[from:]
	}
	_ = json.NewEncoder(w).Encode(all)
}

// resolve answers small files itself, after a redirect to another address of
// its own, and sends to the CDN for the others.
func (h *Hub) resolve(w http.ResponseWriter, req *http.Request, name, sha, path string, files map[string][]byte) {
	data, ok := files[path]
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "EntryNotFound", "Entry not found")
	case !strings.HasSuffix(path, ".parquet") && req.URL.Query().Get("cached") == "":
		http.Redirect(w, req, req.URL.EscapedPath()+"?cached=1", http.StatusTemporaryRedirect)
	case !strings.HasSuffix(path, ".parquet"):
		http.ServeContent(w, req, path, time.Time{}, bytes.NewReader(data))
	default:
		h.tally.Signatures++
		sum := sha256.Sum256(data)
		w.Header().Set("X-Repo-Commit", sha)
		w.Header().Set("X-Linked-Etag", `"`+hex.EncodeToString(sum[:])+`"`)
		w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
		signature := fmt.Sprintf("secret%d", h.tally.Signatures)
		h.signed[signature] = 0
		http.Redirect(w, req, h.CDN.URL+"/"+name+"/"+sha+"/"+path+"?Signature="+signature, http.StatusFound)
	}
}

func (h *Hub) serveFile(w http.ResponseWriter, req *http.Request) {
	h.mu.Lock()
	h.tally.Requests++
	if req.Header.Get("Authorization") != "" {
		h.tally.Leaked++
	}
	signature := req.URL.Query().Get("Signature")
	uses, known := h.signed[signature]
	h.signed[signature] = uses + 1
	f := h.faults
	if f.Cuts > 0 {
		h.faults.Cuts--
	}
	data := h.file(req.URL.Path)
	h.mu.Unlock()
	if !known || f.Uses > 0 && uses >= f.Uses {
		http.Error(w, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", http.StatusForbidden)
		return
	}
	if f.Whole {
		req.Header.Del("Range")
	}
	w.Header().Set("ETag", `"of the cdn"`)
	out := &meter{ResponseWriter: w, hub: h, left: -1}
	if f.Cuts > 0 {
		out.left = f.CutAfter
	}
	http.ServeContent(out, req, "data", time.Time{}, bytes.NewReader(data))
}

// file returns a file by /OWNER/NAME/COMMIT/PATH, nil if there is none.
func (h *Hub) file(path string) []byte {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 4)
	if len(parts) < 4 || h.repos[parts[0]+"/"+parts[1]] == nil {
		return nil
	}
	return h.repos[parts[0]+"/"+parts[1]].commits[parts[2]][parts[3]]
}

// A meter counts what is sent, and may break off.
type meter struct {
	http.ResponseWriter
	hub  *Hub
	left int // bytes until the connection ends, -1 if it does not
}

func (m *meter) Write(p []byte) (int, error) {
	cut := m.left >= 0 && len(p) > m.left
	if cut {
		p = p[:m.left]
	}
	n, err := m.ResponseWriter.Write(p)
	m.hub.mu.Lock()
	m.hub.tally.Bytes += int64(n)
	m.hub.mu.Unlock()
	if cut {
		_ = http.NewResponseController(m.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	if m.left >= 0 {
		m.left -= n
	}
	return n, err
}
