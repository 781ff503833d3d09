package graph

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/identity-shaping/isf/internal/near"
)

// Names of groups; no target may have one.
const (
	AllTargets  = "all"
	AllDatasets = "training/data/all"
	AllRecipes  = "training/data/prepared/all"
)

var legalName = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$`)

// CheckName returns an error if a target may not have the name: names become
// paths, so nothing in them may lead elsewhere.
func CheckName(name string) error {
	switch {
	case !legalName.MatchString(name):
		return fmt.Errorf("target name %q is not allowed: use letters, digits, '.', '_', '-' and '/' between parts", name)
	case strings.Contains(name, ".."), strings.HasPrefix(name, "./"), strings.Contains(name, "/./"), strings.HasSuffix(name, "/."), name == ".":
		return fmt.Errorf("target name %q is not allowed: it may not contain '..' or a part '.'", name)
	case name == AllTargets, name == AllDatasets, name == AllRecipes:
		return fmt.Errorf("target name %q is not allowed: it means a group of targets", name)
	}
	return nil
}

// suggest returns "; did you mean …?" for the name that was probably meant, or "".
func suggest(name string, known []string) string {
	if best := near.Best(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}
