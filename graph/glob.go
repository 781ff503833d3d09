package graph

import (
	"fmt"
	"path"
	"strings"
)

// A pattern is matched segment by segment, as path.Match does; the segment **
// stands for any number of segments, none included.

func checkGlob(pattern string) error {
	for seg := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(seg, ""); err != nil {
			return fmt.Errorf("pattern %q is malformed", pattern)
		}
	}
	return nil
}

// isGlob reports whether s has anything for a pattern to do.
func isGlob(s string) bool { return strings.ContainsAny(s, `*?[\`) }

// globBase is the deepest folder that holds whatever the pattern can match.
func globBase(pattern string) string {
	segs := strings.Split(path.Clean(pattern), "/")
	n := 0
	for n < len(segs)-1 && !isGlob(segs[n]) {
		n++
	}
	return path.Join(append([]string{"."}, segs[:n]...)...)
}

func matchGlob(pattern, name string) bool {
	return matchSegments(strings.Split(path.Clean(pattern), "/"), strings.Split(name, "/"))
}

func matchSegments(pattern, name []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			rest := pattern[1:]
			for skip := range len(name) + 1 {
				if matchSegments(rest, name[skip:]) {
					return true
				}
			}
			return false
		}
		if len(name) == 0 {
			return false
		}
		if ok, _ := path.Match(pattern[0], name[0]); !ok {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return len(name) == 0
}
