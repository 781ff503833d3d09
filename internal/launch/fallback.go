package launch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// What a launcher tells the isf it becomes. Both are taken out of the
// environment when they are read, so that an isf started from there looks for
// itself.
const (
	// launched is set for a fresh binary. It keeps one that cannot be told its
	// digest from launching itself for ever.
	launched = "ISF_LAUNCHED"

	// broken is set for the last binary that could be built, and says why no
	// newer one can. An isf that does not know it tries to build for itself, so
	// that it cannot take itself for fresh.
	broken = "ISF_BROKEN"
)

// inherited reads what a launcher has told this process.
func inherited() (told bool, err error) {
	if os.Getenv(launched) != "" {
		return true, os.Unsetenv(launched)
	}
	if text := os.Getenv(broken); text != "" {
		return true, errors.Join(os.Unsetenv(broken), parseCause(text))
	}
	return false, nil
}

// fallBack becomes the last binary that could be built, if it is there, and
// else returns the cause.
func (b *builder) fallBack(args []string, cause error) (handled bool, exit int, err error) {
	text := causeText(cause)
	if text == "" || !b.hasBinary() {
		return false, 0, cause
	}
	exit, err = become(b.exe(), args, append(os.Environ(), broken+"="+text))
	if err != nil {
		return false, 0, cause // it may have been built for another machine
	}
	return true, exit, nil
}

// Last continues as the isf that was last built for the project in root, for
// what does not mind that the sources have changed. handled is false where
// there is none, or where this process is the one.
func Last(root string, args []string) (handled bool, exit int) {
	if told, _ := inherited(); told || !ownCommand(root) {
		return false, 0
	}
	b := &builder{root: root, dir: filepath.Join(root, ".isf", "bin")}
	if self, err := os.Executable(); err != nil || self == b.exe() || !b.hasBinary() {
		return false, 0
	}
	exit, err := become(b.exe(), args, append(os.Environ(), launched+"=1"))
	return err == nil, exit
}

// hasBinary reports whether the binary is one that a launcher built, for
// whatever sources.
func (b *builder) hasBinary() bool {
	text, err := os.ReadFile(b.marker())
	if err != nil {
		return false
	}
	digest, _, _ := strings.Cut(string(text), " ")
	return b.built(digest)
}

// mostOutput of a compiler goes through the environment, which is small.
const mostOutput = 16 << 10

// causeText is an error as the environment can carry it, "" for one that is no
// reason to go on with an older binary.
func causeText(err error) string {
	var build *BuildError
	var missing *MissingGo
	switch {
	case errors.As(err, &build):
		return "build " + strings.ToValidUTF8(build.Output[:min(len(build.Output), mostOutput)], "")
	case errors.As(err, &missing):
		return "go " + missing.cause.Error()
	}
	return ""
}

func parseCause(text string) error {
	kind, rest, _ := strings.Cut(text, " ")
	if kind == "go" {
		return &MissingGo{errors.New(rest)}
	}
	return &BuildError{rest}
}
