package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/graph"
)

// Tries stay under .isf/tries for whoever shows them later. Losing them loses
// nothing that the cache cannot make again.

var triesDir = path.Join(StateDir, "tries")

// mostTries are kept: enough for a day of changing a prompt.
const mostTries = 50

// keepTrial gives a trial the next number and writes it down.
func (p *Project) keepTrial(t *Trial) (int, error) {
	numbers, err := p.Trials()
	if err != nil {
		return 0, err
	}
	if len(numbers) > 0 {
		t.Number = numbers[len(numbers)-1]
	}
	t.Number++
	text, err := json.Marshal(t)
	if err != nil {
		return 0, err
	}
	if err := p.Files.MkdirAll(triesDir, 0o700); err != nil {
		return 0, err
	}
	if err := graph.WriteFile(p.Files, trialPath(t.Number), func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return 0, err
	}
	for _, old := range numbers[:max(0, len(numbers)+1-mostTries)] {
		_ = p.Files.Remove(trialPath(old))
	}
	return t.Number, nil
}

func trialPath(n int) string { return path.Join(triesDir, strconv.Itoa(n)+".json") }

// Trials returns the numbers of the tries that are kept, oldest first.
func (p *Project) Trials() ([]int, error) {
	names, err := fs.ReadDir(p.Files.FS(), triesDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, n := range names {
		if number, err := strconv.Atoi(strings.TrimSuffix(n.Name(), ".json")); err == nil {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Trial reads a try that was kept.
func (p *Project) Trial(n int) (*Trial, error) {
	text, err := p.Files.ReadFile(trialPath(n))
	if err != nil {
		return nil, fmt.Errorf("try %d is not kept any more", n)
	}
	t := new(Trial)
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("%s: %w", trialPath(n), err)
	}
	return t, nil
}
