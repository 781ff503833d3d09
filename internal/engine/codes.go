package engine

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/code"
)

// StateDir holds what makes builds fast and talkative. Losing it loses money,
// never correctness.
const StateDir = ".isf"

// codeCache remembers which declarations each pipeline reaches, under the
// digest of all sources, so that nothing is parsed while nothing changed.
const codeCache = StateDir + "/code.json"

// codes digests the code of pipelines, once in a process: what runs is what
// was there when it started.
type codes struct {
	root string

	mu      sync.Mutex
	index   *code.Index
	answers *code.Answers
	stored  []byte
	err     error
	known   map[*Pipeline]codeResult
	broken  error // the sources do not compile, so what runs is older than they are
}

type codeResult struct {
	code code.Code
	err  error
}

func newCodes(root string) *codes { return &codes{root: root, known: map[*Pipeline]codeResult{}} }

// of returns what q reaches.
func (c *codes) of(q *Pipeline, r *graph.Reader) (code.Code, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[q]; ok {
		return known.code, known.err
	}
	result := codeResult{err: c.broken}
	if c.broken != nil {
		// nothing can be said about code that is not what runs
	} else if q.Version != "" {
		result.code = code.Code{Hash: graph.ShortDigest([]byte("version " + q.Version))}
	} else if c.open(r); c.err != nil {
		result.err = c.err
	} else {
		pkg, name := q.typeOf()
		result.code, result.err = c.answers.Of(c.index, pkg, name)
	}
	c.known[q] = result
	return result.code, result.err
}

// calls returns where the code that q reaches mentions what wanted accepts. It
// may be out of sight where a version stands for it.
func (c *codes) calls(q *Pipeline, r *graph.Reader, wanted func(path, name string) bool) ([]code.Call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return nil, c.broken
	}
	if c.open(r); c.err != nil {
		return nil, unless(q.Version != "", c.err)
	}
	pkg, name := q.typeOf()
	out, err := c.index.Calls(pkg, name, wanted)
	return out, unless(q.Version != "", err)
}

// places returns where the declarations are that q reaches, none where that is
// not known.
func (c *codes) places(q *Pipeline, r *graph.Reader) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil || q.Version != "" {
		return nil
	}
	if c.open(r); c.err != nil {
		return nil
	}
	pkg, name := q.typeOf()
	places, err := c.index.Places(pkg, name)
	if err != nil {
		return nil // status says why
	}
	return places
}

// unless is err unless it is to be ignored.
func unless(ignored bool, err error) error {
	if ignored {
		return nil
	}
	return err
}

func (c *codes) open(r *graph.Reader) {
	if c.index != nil || c.err != nil {
		return
	}
	c.index, c.err = code.Load(c.root, code.Options{Versions: libraryVersions, Digest: r.FileDigest})
	data, err := os.ReadFile(filepath.Join(c.root, codeCache))
	if err == nil {
		c.stored = data
	}
	c.answers = code.ReadAnswers(c.stored)
}

// save keeps the answers for the next process. A project that cannot be
// written to is no reason to fail.
func (c *codes) save(files *os.Root) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers == nil || c.err != nil {
		return
	}
	text := c.answers.Encode()
	if bytes.Equal(text, c.stored) {
		return
	}
	if _, err := files.Stat(StateDir); errors.Is(err, fs.ErrNotExist) {
		return
	}
	_ = graph.WriteFile(files, codeCache, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// A codeInput is the code of one pipeline as an input of its target.
type codeInput struct {
	codes    *codes
	pipeline *Pipeline
}

func (c *codes) input(q *Pipeline) graph.Input { return codeInput{c, q} }

// Part describes the code that the pipeline reaches.
func (in codeInput) Part(r *graph.Reader) (graph.Part, error) {
	got, err := in.codes.of(in.pipeline, r)
	out := graph.Code{Hash: got.Hash, Broken: brief(err)}
	for _, d := range got.Decls {
		out.Decls = append(out.Decls, graph.PartField{Name: d.Name, Digest: d.Hash})
	}
	return out.Part(r)
}

// brief is an error in one line, where it has a short form: what a compiler says
// may be long, and stands under each target.
func brief(err error) error {
	var b interface{ Brief() string }
	if errors.As(err, &b) {
		return errors.New(b.Brief())
	}
	return err
}

// libraryVersions are the functions of the author's API that shape requests
// or rows. One that comes to do something else for the same arguments gets a
// higher number, and pipelines that call it are looked at anew.
var libraryVersions = map[string]int{
	"All": 1, "Chosen": 1, "Each": 1, "From": 1, "Join": 1, "Of": 1, "Paragraphs": 2, "Read": 1, "SampleRows": 1, "Sections": 2, "StratifyBy": 1, "Tags": 1, "Where": 1,
	".Answer": 1, ".ID": 1, ".Message": 1, ".Tag": 1, ".Tags": 1, ".Thinking": 1, ".With": 1,
}
