package doctor

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// hook checks the datasets that are about to be committed.
//
//go:embed pre-commit.sh
var hook string

// InstallHook puts a pre-commit hook into the repository that root lies in, and
// returns where it is. A hook that is there is left alone.
func InstallHook(ctx context.Context, root string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--git-path", "hooks", "--show-prefix").Output()
	if err != nil {
		return "", fmt.Errorf("%s is not in a git repository: `git init` makes one", root)
	}
	hooks, below, _ := strings.Cut(strings.TrimRight(string(out), "\n"), "\n")
	if !filepath.IsAbs(hooks) {
		hooks = filepath.Join(root, hooks)
	}
	path := filepath.Join(hooks, "pre-commit")
	text := strings.Replace(hook, "PROJECT", "'"+strings.ReplaceAll(below, "'", `'\''`)+"'", 1)
	if err := os.MkdirAll(hooks, 0o755); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("there is a hook in %s already; add this to it by hand:\n\n%s", path, text)
	}
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	return path, errors.Join(err, f.Close())
}
