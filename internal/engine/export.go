package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/chattext"
	"github.com/identity-shaping/isf/internal/recipes"
)

// An Export is how samples are written for a trainer.
type Export struct {
	Format  string         // as the command line names it
	Shape   recipes.Format // of rows
	Parquet bool
	Hub     *HubCard // for a folder that can be uploaded as a dataset of the hub, or nil
	Dir     string   // relative to the root, or absolute
}

// Export writes the samples of a target into a folder, with dataset.json.
func (p *Project) Export(t *graph.Target, r *graph.Reader, x Export) (*DatasetCard, error) {
	status, err := p.exportable(t, r, x)
	if err != nil {
		return nil, err
	}
	dir := x.Dir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Root, dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer to.Close()
	card := &DatasetCard{Version: cardVersion, Target: t.Name, Kind: t.Kind, State: status.State, Format: x.Format, Sources: []ExportSource{}, Models: []ExportModel{}}
	if chattext.Of(string(x.Shape)) != nil {
		card.Render = x.Shape
	}
	if c := commit(p.Root); c != "" {
		card.Commit = &c
	}
	if err := card.trace(p, status, r); err != nil {
		return nil, err
	}
	if err := card.write(p, status, x, to); err != nil {
		return nil, err
	}
	return card, nil
}

// exportable checks that a target has samples that its manifest describes.
func (p *Project) exportable(t *graph.Target, r *graph.Reader, x Export) (graph.Status, error) {
	if t.Kind != graph.Dataset && t.Kind != graph.Recipe {
		return graph.Status{}, Usagef("%s is a %s and has no samples to export", t.Name, t.Kind)
	}
	status, err := p.Graph.Status(t, r, p)
	switch {
	case err != nil:
		return status, err
	case status.State == graph.Missing:
		return status, fmt.Errorf("%s has no samples yet: build it with `isf build %s`", t.Name, t.Name)
	case status.State == graph.Running:
		return status, fmt.Errorf("%s is being built: wait until it is done", t.Name)
	case status.State == graph.Edited:
		return status, fmt.Errorf("%s was %w since it was built, so nothing says where it comes from: build it again with `isf build %s --force`", t.Output, ErrEdited, t.Name)
	}
	has := formOf(status)
	switch {
	case has.shape != recipes.ISF && has.shape != x.Shape:
		return status, Usagef("%s is in format %s already: export it with %s, or prepare it with `format: isf`", t.Name, has.shape, has.flags())
	case has.parquet && !x.Parquet:
		return status, Usagef("%s is in format parquet already: export it with %s, or prepare it with `format: isf`", t.Name, has.flags())
	case has.shape != recipes.ISF && x.Parquet && !has.parquet:
		return status, Usagef("%s has lines in format %s: prepare it with `format: parquet` to export it as Parquet", t.Name, has.shape)
	case has.parquet && has.shape != x.Shape:
		return status, Usagef("%s is in format parquet already, with messages: prepare it with `render: %s`", t.Name, x.Shape)
	}
	return status, nil
}

// A form is what a target's rows are.
type form struct {
	shape   recipes.Format
	parquet bool
}

// flags export what has this form as it is.
func (f form) flags() string {
	format := string(f.shape)
	if f.parquet {
		format = recipes.FormatParquet
	}
	if chattext.Of(string(f.shape)) != nil && (f.parquet || f.shape != recipes.ChatML) {
		return strings.TrimPrefix("--format "+format+" --render "+string(f.shape), "--format "+string(f.shape)+" ")
	}
	return "--format " + format
}

func formOf(s graph.Status) form {
	var settings struct{ Format, Render recipes.Format }
	if m := s.Manifest.Mix; m == nil || json.Unmarshal(m.Settings, &settings) != nil {
		return form{recipes.ISF, false}
	}
	f := form{cmp.Or(settings.Format, recipes.ISF), settings.Format == recipes.FormatParquet}
	if f.parquet {
		f.shape = recipes.ISF
	}
	f.shape = cmp.Or(settings.Render, f.shape)
	return f
}

// write writes the files of samples, and the card when they are in place.
func (c *DatasetCard) write(p *Project, status graph.Status, x Export, to *os.Root) error {
	output, ext, folder := status.Target.Output, ".jsonl", ""
	if x.Parquet {
		ext = parquetExt
	}
	if x.Hub != nil {
		folder = "data/"
		if err := to.MkdirAll("data", 0o755); err != nil {
			return err
		}
	}
	has, mix := formOf(status), status.Manifest.Mix
	if !(x.Hub != nil && mix != nil && mix.HeldOut != "" && mix.Train == 0) { // the hub reads no split without rows
		if err := c.convert(p, output, folder+"train"+ext, has, x, to); err != nil {
			return err
		}
	}
	if mix != nil && mix.HeldOut != "" && !(x.Hub != nil && mix.Validation == 0) {
		if err := c.convert(p, graph.ValidationPath(output), folder+"validation"+ext, has, x, to); err != nil {
			return err
		}
	}
	c.removeOlder(to)
	if x.Hub != nil {
		if err := writeText(to, "README.md", x.Hub.markdown(c)); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return writeText(to, "dataset.json", string(text)+"\n")
}

// removeOlder removes files that an earlier export into this folder wrote and
// this one does not, such as held-out samples, so that nobody trains on them.
func (c *DatasetCard) removeOlder(to *os.Root) {
	var was DatasetCard
	text, err := to.ReadFile("dataset.json")
	if err != nil || json.Unmarshal(text, &was) != nil {
		return
	}
	for _, old := range was.Files {
		kept := slices.ContainsFunc(c.Files, func(f ExportedFile) bool { return f.Name == old.Name })
		if !kept && digestIn(to, old.Name) == old.SHA256 {
			_ = to.Remove(old.Name) // what cannot be removed is only in the way
		}
	}
}

// digestIn is the SHA-256 of a file, "" if it cannot be read.
func digestIn(dir *os.Root, name string) string {
	f, err := dir.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func writeText(to *os.Root, name, text string) error {
	return graph.WriteFile(to, name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// convert writes one file of samples. Those that have their form already are
// copied.
func (c *DatasetCard) convert(p *Project, from, name string, has form, x Export, to *os.Root) error {
	in, err := p.Files.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	file := ExportedFile{Name: name}
	sum := sha256.New()
	err = graph.WriteFile(to, name, func(w io.Writer) (err error) {
		w = io.MultiWriter(w, sum)
		switch {
		case has.parquet:
			if file.Rows, err = parquetRows(in); err == nil {
				_, err = io.Copy(w, in)
			}
		case has.shape != recipes.ISF:
			file.Rows, err = copyLines(w, in)
		default:
			file.Rows, err = recipes.Conversion{Shape: x.Shape, Parquet: x.Parquet}.Write(from, in, w)
		}
		return err
	})
	file.SHA256 = hex.EncodeToString(sum.Sum(nil))
	c.Files = append(c.Files, file)
	return err
}

// parquetRows is the number of rows that a Parquet file says it has.
func parquetRows(f *os.File) (int, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return 0, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return int(file.NumRows()), err
}

// copyLines copies rows, each of which ends with a newline, and counts them.
func copyLines(w io.Writer, r io.Reader) (int, error) {
	counter := &lineCounter{w: w}
	_, err := io.Copy(counter, r)
	return counter.n, err
}

type lineCounter struct {
	w io.Writer
	n int
}

func (c *lineCounter) Write(b []byte) (int, error) {
	for _, x := range b {
		if x == '\n' {
			c.n++
		}
	}
	return c.w.Write(b)
}
