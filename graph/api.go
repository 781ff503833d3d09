package graph

import (
	"errors"
	"io"
	"os"
)

var errNotYet = errors.New("not yet")

type File struct{ Attr, Path string }
type Files struct {
	Attr, Ref string
	Paths     []string
}
type PromptFiles struct {
	Attr, Ref string
	Paths     []string
	Err       error
}
type Dir struct{ Attr, Path string }
type Glob struct{ Attr, Pattern string }
type NamedValue struct {
	Name  string
	Value any
}
type Model struct {
	Attr, Registry, SysPrompt string
	Fields                    []NamedValue
	Err                       error
	Prompt                    string
}
type Param struct {
	Attr  string
	Value any
}
type Code struct {
	Hash   string
	Decls  []PartField
	Broken error
}
type Source struct {
	Attr, Target string
	manifest     string
}

func (File) Part(*Reader) (Part, error)        { return Part{}, errNotYet }
func (Files) Part(*Reader) (Part, error)       { return Part{}, errNotYet }
func (PromptFiles) Part(*Reader) (Part, error) { return Part{}, errNotYet }
func (Dir) Part(*Reader) (Part, error)         { return Part{}, errNotYet }
func (Glob) Part(*Reader) (Part, error)        { return Part{}, errNotYet }
func (Model) Part(*Reader) (Part, error)       { return Part{}, errNotYet }
func (Param) Part(*Reader) (Part, error)       { return Part{}, errNotYet }
func (Code) Part(*Reader) (Part, error)        { return Part{}, errNotYet }
func (Source) Part(*Reader) (Part, error)      { return Part{}, errNotYet }

type Reader struct{}

func NewReader(root, cacheFile string) (*Reader, error)  { return nil, errNotYet }
func (r *Reader) Save() error                            { return nil }
func (r *Reader) Close() error                           { return nil }
func (r *Reader) FileDigest(path string) (string, error) { return "", errNotYet }
func (r *Reader) FullDigest(path string) (string, error) { return "", errNotYet }
func (r *Reader) ReadFile(path string) ([]byte, error)   { return nil, errNotYet }

type Manifest struct {
	Format                            int
	Kind                              Kind
	Pipeline                          string
	Parts                             []Part
	Records, Errors, Skipped, Dropped int
	Partial                           bool
	Output                            OutputDigest
	ErrorsOutput                      string
}
type OutputDigest struct{ Digest, Content string }

func ReadManifest(path string) (*Manifest, error) { return nil, errNotYet }
func (m *Manifest) Encode() ([]byte, error)       { return nil, nil }
func ManifestPath(output string) string           { return "" }

type State string

const (
	Running State = "RUNNING"
	Missing State = "MISSING"
	Edited  State = "EDITED"
	Current State = "CURRENT"
	Partial State = "PARTIAL"
	Failed  State = "FAILED"
	Stale   State = "STALE"
)

type Reason struct {
	Text, Input, Detail string
	Cause               []string
}
type Status struct {
	Target                   *Target
	State                    State
	Reasons                  []Reason
	Records, Errors, Skipped int
	Manifest                 *Manifest
	Parts                    []Part
}
type Lookout interface {
	Running(target string) bool
	LastFailure(target string) (digest, reason string, ok bool)
}

func New(root string, targets []*Target) (*Graph, error)     { return nil, errNotYet }
func (g *Graph) Targets() []*Target                          { return nil }
func (g *Graph) Target(name string) *Target                  { return nil }
func (g *Graph) Select(patterns []string) ([]*Target, error) { return nil, errNotYet }
func (g *Graph) Order(ts []*Target) [][]*Target              { return nil }
func (g *Graph) Direct(t *Target) []*Target                  { return nil }
func (g *Graph) Needs(t *Target) []*Target                   { return nil }
func (g *Graph) Users(t *Target) []*Target                   { return nil }
func (g *Graph) Status(t *Target, r *Reader, look Lookout) (Status, error) {
	return Status{}, errNotYet
}
func (g *Graph) Survey(r *Reader, look Lookout) *Survey { return nil }
func Parts(t *Target, r *Reader) ([]Part, error)        { return nil, errNotYet }

type Survey struct{}

func (s *Survey) Status(t *Target) (Status, error)                            { return Status{}, errNotYet }
func (s *Survey) Statuses(ts []*Target) ([]Status, error)                     { return nil, errNotYet }
func Diff(old, now []Part) []Reason                                           { return nil }
func WriteFile(root *os.Root, path string, write func(io.Writer) error) error { return errNotYet }
func Sweep(root *os.Root, path string) error                                  { return errNotYet }
