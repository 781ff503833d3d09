// Package e2e tests isf as a person uses it: scripts of commands in projects,
// over real HTTP where a server matters, and processes that are killed.
package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/identity-shaping/isf"
	"github.com/identity-shaping/isf/internal/sim"
	"github.com/identity-shaping/isf/internal/sources/hubtest"
	"github.com/identity-shaping/isf/pipelines"
)

// noSleep keeps each process of a build with the race detector from sleeping a
// second before it exits, which was most of what these tests took.
const noSleep = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if err := os.Setenv("GORACE", noSleep); err != nil {
		panic(err)
	}
	testscript.Main(tests{m}, map[string]func(){
		"isf":  func() { isf.Main(pipelines.All()...) },
		"odd":  func() { isf.Main(oddPipelines()...) },
		"port": func() { isf.Main(portPipelines()...) },
		"bare": func() { isf.Main() },

		"partly": func() { isf.Main(portPipelines()[:1]...) }, // a project of which one pipeline has been ported

		"hanging-sim": hangingSim,
	})
}

// tests are those of this package, after which nothing stays behind.
type tests struct{ *testing.M }

func (m tests) Run() int {
	defer func() { _ = os.RemoveAll(quick.dir) }()
	return m.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("GORACE", noSleep)
			env.Values[simKey{}] = &model{}
			env.Values[hubKey{}] = new(*hubtest.Hub)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"example":    example,
			"oddproject": oddProject,
			"sim":        startSim,
			"served":     served,
			"await":      await,
			"parrot":     parrot,
			"refuser":    refuser,
			"nowhere":    nowhere,
			"inPages":    inPages,
			"toolkit":    toolkit,
			"replaying":  replaying,
			"reproduces": reproduces,
			"replace":    replace,
			"builds":     builds,
			"damage":     damage,
			"future":     future,
			"json":       wholeJSON,
			"hub":        startHub,
			"hubserved":  hubServed,
		},
	})
}

// A model is the simulated model of one script.
type model struct{ *sim.Server }

type simKey struct{}

// repository is where this checkout lies.
func repository() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}

// exampleFiles are what the example project has of this repository.
var exampleFiles = []string{"identity", "prompts", "pipelines", "isf.yaml", "go.mod", "go.sum", "training"}

// example copies the repository's own project into the work folder: what a
// clone has of it, without the engine.
func example(ts *testscript.TestScript, _ bool, _ []string) {
	for _, name := range exampleFiles {
		ts.Check(copyTree(filepath.Join(repository(), name), ts.MkAbs(name)))
	}
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if made(filepath.ToSlash(filepath.Join(filepath.Base(from), rel))) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
}

// made says that a file is output of an earlier build of this checkout.
func made(name string) bool {
	return strings.HasPrefix(name, "identity/versions/dev") ||
		(strings.HasPrefix(name, "training/data/") && (strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".manifest.json")))
}

// oddProject writes a project for the odd pipelines with so many seeds, whose
// model is the simulated one in process, or a server started by sim.
func oddProject(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(writeOdd(ts.Getenv("WORK"), ts.Getenv("SIM"), n))
}

func writeOdd(dir, url string, seeds int) error {
	base := ""
	if url != "" {
		base = ", base_url: " + url
	}
	config := fmt.Sprintf("project: {name: Odd}\nidentity: {prefix: odd, provider: sim, model: sim/plain, variants: []}\nmodels:\n  plain: {provider: sim, model: sim/plain%s}\n  judge: {provider: sim, model: sim/judge}\n", base)
	if err := os.WriteFile(filepath.Join(dir, "isf.yaml"), []byte(config), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "seeds.jsonl"), []byte(seedLines(0, seeds)), 0o644)
}

var digits = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

func seedLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		words := ""
		for _, d := range strconv.Itoa(i) {
			words += " " + digits[d-'0']
		}
		fmt.Fprintf(&b, `{"id":"seed-%d","text":"What is it about the number%s?"}`+"\n", i, words)
	}
	return b.String()
}

// startSim starts a simulated model over HTTP: sim KEY=VALUE…, with the keys
// latency, errors, unauthorized, truncate, reword. Its address is in $SIM.
func startSim(ts *testscript.TestScript, _ bool, args []string) {
	var o sim.Options
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		var err error
		switch key {
		case "latency":
			o.Latency, err = time.ParseDuration(value)
		case "errors":
			o.ErrorRate, err = strconv.ParseFloat(value, 64)
		case "truncate":
			o.TruncateRate, err = strconv.ParseFloat(value, 64)
		case "cut":
			o.CutRate, err = strconv.ParseFloat(value, 64)
		case "refuse":
			o.RateLimit, err = strconv.ParseFloat(value, 64)
		case "after":
			o.RetryAfter, err = time.ParseDuration(value)
		case "reword":
			o.Reword, err = strconv.ParseBool(value)
		case "unauthorized":
			o.Unauthorized, err = strconv.ParseBool(value)
		default:
			err = errors.New("no such option")
		}
		if err != nil {
			ts.Fatalf("sim %s: %v", arg, err)
		}
	}
	m := ts.Value(simKey{}).(*model)
	m.Server = sim.New(o)
	server := httptest.NewServer(m.Server)
	ts.Defer(server.Close)
	ts.Setenv("SIM", server.URL+"/v1")
}

// await runs a command until it succeeds: await COMMAND ARGS….
func await(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(2 * time.Minute) // for a machine that compiles other things too
	for ts.Exec(args[0], args[1:]...) != nil {
		if time.Now().After(deadline) {
			ts.Fatalf("%s never succeeded", strings.Join(args, " "))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// served checks how many answers the simulated model gave: served N.
func served(ts *testscript.TestScript, neg bool, args []string) {
	got := strconv.FormatInt(ts.Value(simKey{}).(*model).Stats().AnswersServed, 10)
	if (got == args[0]) == neg {
		ts.Fatalf("%s answers were served, want %s", got, args[0])
	}
}

// replace changes text in a file: replace FILE OLD NEW.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(text), args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(string(text), args[1], args[2], 1)), 0o644))
}

// builds gives the ids of the log's builds names: builds NAME….
func builds(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(".isf/builds.jsonl"))
	ts.Check(err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, name := range args {
		var build struct{ ID string }
		ts.Check(json.Unmarshal([]byte(lines[i]), &build))
		ts.Setenv(name, build.ID)
	}
}

// damage flips a bit of one answer in a cache.db, in every page that has held
// it: damage FILE.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	const head = 53 // of a frame; its name begins at 5
	first := bytes.Index(b, []byte("\x8fisf\x01"))
	if first < 0 {
		ts.Fatalf("%s holds no answer", args[0])
	}
	named := bytes.Clone(b[first : first+45])
	for at, end := first, 0; at >= 0; at = bytes.Index(b[end:], named) + end {
		b[at+head+20] ^= 1
		if end = at + len(named); !bytes.Contains(b[end:], named) {
			break
		}
	}
	ts.Check(os.WriteFile(path, b, 0o600))
}

// future makes of one answer in a cache.db what an isf of a later format would
// have written, in every page that has held it: future FILE.
func future(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	const head = 53 // of a frame: magic, kind and name, length, checksum
	first := bytes.Index(b, []byte("\x8fisf\x01"))
	if first < 0 {
		ts.Fatalf("%s holds no answer", args[0])
	}
	named := bytes.Clone(b[first : first+45])
	for at := first; at < len(b); at++ {
		if !bytes.HasPrefix(b[at:], named) {
			continue
		}
		frame := b[at : at+head+int(binary.BigEndian.Uint32(b[at+45:]))]
		frame[head] = 3
		sum := crc32.Checksum(frame[4:head-4], crc32.MakeTable(crc32.Castagnoli))
		binary.BigEndian.PutUint32(frame[head-4:], crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), frame[head:]))
	}
	ts.Check(os.WriteFile(path, b, 0o600))
}

// wholeJSON checks that a file is one JSON value: json FILE.
func wholeJSON(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if !json.Valid(text) {
		ts.Fatalf("%s is not JSON:\n%s", args[0], text)
	}
}
