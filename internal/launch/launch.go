// Package launch makes sure that the isf which runs was built from the sources
// that are there.
//
// Pipelines are Go code, so a person edits the program and runs it again. The
// digest of a project's build sources is linked into the binary made from them;
// a binary whose digest is not that of the sources now builds .isf/bin/isf and
// becomes it. What runs is therefore never older than what was saved before it
// started, and a binary in .isf/bin was built from sources that did not change
// while it was built.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// Sources is the digest of the sources this binary was built from; the build
// links it in. A binary that was installed or built by hand has none.
var Sources string

// Fresh continues as the isf built from the project's sources. It returns
// handled as false when this process should go on: the project in root has no
// cmd/isf of its own, or this process already is the fresh one. On Unix it does
// not return at all when another binary takes over; on Windows it returns that
// binary's exit code. args are the command line without the program's name.
//
// An error is a *BuildError when the code does not compile and a *MissingGo
// when nothing can compile it. With last, the last isf that could be built then
// goes on, and is told the same error; without one the caller goes on. Either
// may do what needs no code. When ctx ends, Fresh returns its cause at once.
func Fresh(ctx context.Context, root string, args []string, stderr io.Writer, last bool) (handled bool, exit int, err error) {
	if told, err := inherited(); told {
		return false, 0, err
	}
	b, digest, err := newBuilder(root, stderr)
	if b == nil || err != nil || digest == Sources {
		return false, 0, err
	}
	exe, err := b.ensure(ctx, digest)
	if ctx.Err() != nil {
		return false, 0, context.Cause(ctx)
	}
	if err != nil && last {
		return b.fallBack(args, err)
	}
	if err != nil {
		return false, 0, err
	}
	exit, err = become(exe, args, append(os.Environ(), launched+"=1"))
	return err == nil, exit, err
}

// Compile makes the isf of the project's sources as they are now, and reports
// whether Fresh would continue as it: not where this process already is it, or
// the project has none. Its errors are those of Fresh.
func Compile(ctx context.Context, root string, stderr io.Writer) (other bool, err error) {
	b, digest, err := newBuilder(root, stderr)
	if b == nil || err != nil || digest == Sources {
		return false, err
	}
	_, err = b.ensure(ctx, digest)
	return err == nil, err
}

// newBuilder returns who builds the isf of the sources in root, and the digest
// of these; nil where the project has no cmd/isf of its own, or this process was
// built from it just now.
func newBuilder(root string, stderr io.Writer) (*builder, string, error) {
	if !ownCommand(root) {
		return nil, "", nil
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, "", err
	}
	bin := filepath.Join(root, ".isf", "bin")
	s, err := openSources(root, filepath.Join(bin, "sources.json"))
	if err != nil {
		return nil, "", err
	}
	if goRun(s.module, s.moduleDir) {
		return nil, "", nil
	}
	digest, err := s.digest()
	return &builder{root: root, dir: bin, symbol: symbol, digest: s.digest, stderr: stderr}, digest, err
}

// Digest is that of the sources of the project in root as they are now, "" where
// it has no cmd/isf of its own.
func Digest(root string) (string, error) {
	if !ownCommand(root) {
		return "", nil
	}
	s, err := openSources(root, filepath.Join(root, ".isf", "bin", "sources.json"))
	if err != nil {
		return "", err
	}
	return s.digest()
}

// symbol is the linker's name of Sources.
var symbol = reflect.TypeFor[BuildError]().PkgPath() + ".Sources"

// ownCommand reports whether the project has a command of its own to build.
func ownCommand(root string) bool {
	files, err := filepath.Glob(filepath.Join(root, "cmd", "isf", "*.go"))
	return err == nil && len(files) > 0
}

// A BuildError says that the project's code does not compile.
type BuildError struct {
	Output string // what Go printed: file:line:column: message, a line each
}

func (e *BuildError) Error() string {
	return "the project's code does not compile:\n" + e.Output
}

// Brief is the first line that names a place.
func (e *BuildError) Brief() string {
	for line := range strings.Lines(e.Output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") { // "# package"
			return line
		}
	}
	return e.Error()
}

// A MissingGo says that there is no Go to compile the project with.
type MissingGo struct{ cause error }

func (e *MissingGo) Error() string {
	return "Go is needed to build this project's cmd/isf and is not on the PATH; install it from https://go.dev/dl and try again"
}

func (e *MissingGo) Unwrap() error { return e.cause }

// errRestless is for sources that an endless stream of edits keeps changing.
var errRestless = errors.New("the sources changed while they were compiled, several times in a row; try again when they rest")

// unreadable wraps an error about a source file.
func unreadable(path string, err error) error {
	return fmt.Errorf("cannot read the source %s: %w", path, err)
}
