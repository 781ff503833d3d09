package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A TakenError says that files to be written are there already.
type TakenError struct {
	Dir   string
	Paths []string
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s already has %s; nothing was written, since init and new never overwrite", e.Dir, strings.Join(e.Paths, ", "))
}

// Write makes the files below dir, and dir itself if need be. It returns those
// that were kept as they were. If a file that is not soft exists, nothing is
// written.
func Write(dir string, files []File) (kept []string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	taken := &TakenError{Dir: dir}
	var missing []File
	for _, f := range files {
		switch _, err := root.Lstat(filepath.FromSlash(f.Path)); {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, f)
		case err != nil:
			return nil, err
		case f.Soft:
			kept = append(kept, f.Path)
		default:
			taken.Paths = append(taken.Paths, f.Path)
		}
	}
	if len(taken.Paths) > 0 {
		return nil, taken
	}
	for _, f := range missing {
		if err := writeNew(root, f); err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// writeNew makes one file, which must not exist, also not by now.
func writeNew(root *os.Root, f File) error {
	name := filepath.FromSlash(f.Path)
	if dir := path.Dir(f.Path); dir != "." {
		if err := root.MkdirAll(filepath.FromSlash(dir), 0o777); err != nil {
			return err
		}
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = out.Write(f.Text)
	return errors.Join(err, out.Close())
}
