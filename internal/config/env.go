package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// envName is the file with a project's keys.
const envName = ".env"

// LoadEnv sets the variables of root's .env that are not set yet. A project
// without the file has none. Errors never show a value: most are secret.
func LoadEnv(root string) error {
	text, err := os.ReadFile(filepath.Join(root, envName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the project's variables: %w", err)
	}
	return setEnv(Newlines(strings.TrimPrefix(string(text), "\ufeff")))
}

var (
	envKey    = regexp.MustCompile(`\A\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(=[ \t]*)?`)
	envSingle = regexp.MustCompile(`\A'((?:[^'\\]|\\.)*)'[ \t]*(?:#[^\n]*)?(?:\n|\z)`)
	envDouble = regexp.MustCompile(`(?s)\A"((?:[^"\\]|\\.)*)"[ \t]*(?:#[^\n]*)?(?:\n|\z)`)
	envNote   = regexp.MustCompile(`(?:\A|\s+)#.*\z`)
	envRef    = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
)

// setEnv goes through the assignments one after the other.
func setEnv(text string) error {
	var problems Problems
	line := 1
	for text != "" {
		rest, ok := setFirst(text)
		if !ok {
			problems = append(problems, Problem{File: envName, Line: line, Column: 1, Message: "this line is not NAME=value"})
		}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// setFirst reads one line, or an assignment whose quotes hold several.
func setFirst(text string) (rest string, ok bool) {
	line, after, _ := strings.Cut(text, "\n")
	if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
		return after, true
	}
	m := envKey.FindStringSubmatch(line)
	if m == nil {
		return after, false
	}
	value := text[len(m[0]):]
	if m[2] == "" {
		return after, strings.TrimSpace(line[len(m[0]):]) == "" // a name without a value sets nothing
	}
	if q := envSingle.FindStringSubmatch(value); q != nil {
		set(m[1], strings.NewReplacer(`\'`, `'`, `\\`, `\`).Replace(q[1]))
		return value[len(q[0]):], true
	}
	if q := envDouble.FindStringSubmatch(value); q != nil {
		set(m[1], expand(strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(q[1])))
		return value[len(q[0]):], true
	}
	value = line[len(m[0]):]
	if strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'") {
		return after, false
	}
	set(m[1], expand(strings.TrimSpace(envNote.ReplaceAllString(value, ""))))
	return after, true
}

// expand replaces ${NAME} by the variable.
func expand(value string) string {
	return envRef.ReplaceAllStringFunc(value, func(ref string) string { return os.Getenv(ref[2 : len(ref)-1]) })
}

// set sets a variable unless it is set, be it to nothing.
func set(name, value string) {
	if _, ok := os.LookupEnv(name); !ok {
		os.Setenv(name, value) // fails only for names and values that the syntax excludes
	}
}
