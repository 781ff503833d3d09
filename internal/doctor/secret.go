package doctor

import (
	"bytes"
	"io"
	"os"
	"regexp"
)

// keyShapes are how providers write their keys.
var keyShapes = regexp.MustCompile(`\b(?:sk-(?:ant-|or-v1-|proj-)?[A-Za-z0-9_-]{32,}|AIza[A-Za-z0-9_-]{35}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,}|fw_[A-Za-z0-9]{20,}|cpk_[A-Za-z0-9.]{40,})`)

// shortestKey keeps stand-ins for keys, such as "EMPTY", from being found in
// honest text.
const shortestKey = 16

// secret finds the first line that holds a key, and says which; 0 is none. What
// it returns never holds the key.
func (f Folder) secret(text []byte) (line int, what string) {
	for _, name := range f.Keys {
		value := f.Getenv(name)
		if len(value) < shortestKey {
			continue
		}
		if at := bytes.Index(text, []byte(value)); at >= 0 {
			return 1 + bytes.Count(text[:at], []byte("\n")), "the value of " + name
		}
	}
	if at := keyShapes.FindIndex(text); at != nil {
		return 1 + bytes.Count(text[:at[0]], []byte("\n")), "what looks like a provider's key"
	}
	return 0, ""
}

// readHead reads the beginning of a regular file.
func readHead(path string, most int64) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}
