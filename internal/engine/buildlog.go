package engine

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// A LoggedBuild is one line of .isf/builds.jsonl: a build that did something.
// Losing the file loses `isf log`.
type LoggedBuild struct {
	ID          string         `json:"id"`
	Time        time.Time      `json:"time"` // when it began
	Seconds     float64        `json:"seconds"`
	Command     string         `json:"command"`
	Interrupted bool           `json:"interrupted,omitempty"`
	Targets     []LoggedTarget `json:"targets"` // that were not current before
}

// A LoggedTarget is what a build did for one target.
type LoggedTarget struct {
	Name     string      `json:"name"`
	State    graph.State `json:"state"`
	Records  int         `json:"records"`
	Errors   int         `json:"errors"`
	Skipped  int         `json:"skipped"`
	Requests Requests    `json:"requests"`
	Tokens   Tokens      `json:"tokens"`
	CostNano int64       `json:"cost_nano"`
	Priced   bool        `json:"priced"` // the price of everything is known
	Saved    int64       `json:"saved_nano"`
	// What all records would have cost at the rate of those that are kept, of a
	// target that was stopped; 0 where nobody can tell.
	Projected int64      `json:"projected_nano,omitempty"`
	Models    []ModelUse `json:"models,omitempty"`
	Seconds   float64    `json:"seconds"`
	Causes    []string   `json:"causes,omitempty"`
	Error     string     `json:"error,omitempty"`
}

const (
	// mostLogged is the size at which the older half of the log goes: some
	// 2,000 builds of a few targets.
	mostLogged = 1 << 20

	mostCauses  = 3   // of one target
	longestText = 300 // of a cause or an error, in runes
)

var logPath = path.Join(StateDir, "builds.jsonl")

// idLength is how long the id of a build is, in hex digits.
const idLength = 7

func newBuildID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])[:idLength]
}

// loggedBuild is nil where everything was current.
func (e *Engine) loggedBuild(results []Result, interrupted bool) *LoggedBuild {
	b := &LoggedBuild{ID: e.id, Time: e.began, Seconds: time.Since(e.began).Seconds(), Command: commandLine(), Interrupted: interrupted}
	for _, r := range results {
		if !r.UpToDate {
			b.Targets = append(b.Targets, loggedTarget(r))
		}
	}
	if len(b.Targets) == 0 {
		return nil
	}
	return b
}

func loggedTarget(r Result) LoggedTarget {
	t := LoggedTarget{
		Name: r.Target.Name, State: r.State, Records: r.Rows, Errors: r.Failed, Skipped: r.Skipped,
		Requests: r.Requests(), Tokens: r.Tokens(), Saved: r.SavedNano(), Projected: r.ProjectedNano(), Models: r.Models(), Seconds: r.Seconds,
	}
	t.CostNano, t.Priced = r.CostNano()
	for _, c := range r.Causes[:min(len(r.Causes), mostCauses)] {
		t.Causes = append(t.Causes, cut(c))
	}
	if r.Err != nil {
		t.Error = cut(r.Err.Error())
	}
	return t
}

func cut(text string) string {
	if r := []rune(text); len(r) > longestText {
		return string(r[:longestText-1]) + "…"
	}
	return text
}

// commandLine is how this process was called, for people.
func commandLine() string { return cut(strings.Join(append([]string{"isf"}, os.Args[1:]...), " ")) }

// logBuild appends a line. Other processes may do so too.
func (p *Project) logBuild(b *LoggedBuild) error {
	if b == nil {
		return nil
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	lock := flock.New(filepath.Join(p.Root, StateDir, "locks", "~builds")) // ~ begins no target's name
	if err := p.Files.MkdirAll(path.Join(StateDir, "locks"), 0o700); err != nil {
		return err
	}
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	if err := p.appendLine(text); err != nil {
		return err
	}
	return p.shortenLog()
}

// appendLine writes one line behind the last whole one.
func (p *Project) appendLine(text []byte) error {
	f, err := p.Files.OpenFile(logPath, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	last := []byte{'\n'}
	if err == nil && end > 0 {
		_, err = f.ReadAt(last, end-1)
	}
	if last[0] != '\n' { // a kill has cut it
		text = append([]byte{'\n'}, text...)
	}
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), end)
	}
	return errors.Join(err, f.Close())
}

// shortenLog drops the older half of a log that has grown too long.
func (p *Project) shortenLog() error {
	text, err := p.Files.ReadFile(logPath)
	if err != nil || len(text) < mostLogged {
		return err
	}
	_, rest, _ := bytes.Cut(text[len(text)/2:], []byte{'\n'})
	return graph.WriteFile(p.Files, logPath, func(w io.Writer) error {
		_, err := w.Write(rest)
		return err
	})
}

// Log returns the last n builds that did something, oldest first.
func (p *Project) Log(n int) ([]LoggedBuild, error) {
	f, err := p.Files.Open(logPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var builds []LoggedBuild
	in := bufio.NewReader(f)
	for {
		text, err := jsontext.ReadLine(in)
		var b LoggedBuild
		if len(text) > 0 && json.Unmarshal(text, &b) == nil { // a torn line is a build nobody remembers
			builds = append(builds, b)
		}
		if errors.Is(err, io.EOF) {
			return builds[max(0, len(builds)-n):], nil
		}
		if err != nil {
			return nil, err
		}
	}
}
