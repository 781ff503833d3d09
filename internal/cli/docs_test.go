package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/recipes"
)

// documents returns everything that people read, by path: the guides, and what
// lies at the root, in a new project and behind --help.
func documents(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	texts := map[string]string{"isf --help": about}
	for _, pattern := range []string{"*.md", "docs/*.md", "internal/scaffold/project/*.tmpl", "internal/scaffold/project/*/*.tmpl"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel(root, file)
			texts[filepath.ToSlash(name)] = string(text)
		}
	}
	return texts
}

// fences are the blocks of a document; a span is a piece of code in a sentence.
var (
	fences = regexp.MustCompile("(?ms)^ *```(\\w*)[^\n]*\n(.*?)^ *```$")
	spans  = regexp.MustCompile("`(isf [^`]+)`")
	asRun  = regexp.MustCompile(`(?:go run \./cmd/isf|\$\(ISF\)) `)
)

// Whoever types what a document says gets no "unknown command" and no "unknown
// flag", and in a block of commands no complaint about their number of arguments.
func TestDocumentsNameCommandsAndFlagsThatExist(t *testing.T) {
	lines := 0
	try := func(document, line string, whole bool) {
		if slices.Contains(hashed, strings.TrimSpace(line)) {
			return
		}
		for _, words := range commandsOf(line) {
			lines++
			if err := refusal(words, whole); err != nil {
				t.Errorf("%s: `%s`: %v", document, strings.TrimSpace(line), err)
			}
		}
	}
	for name, text := range documents(t) {
		prose := fences.ReplaceAllStringFunc(text, func(block string) string {
			m := fences.FindStringSubmatch(block)
			for line := range strings.Lines(m[2]) {
				if m[1] == "console" && !strings.HasPrefix(line, "$ ") {
					continue // what is printed
				}
				try(name, strings.TrimPrefix(line, "$ "), name != "docs/cli.md") // its usage lines have brackets
			}
			return ""
		})
		for _, span := range spans.FindAllStringSubmatch(prose, -1) {
			try(name, span[1], false)
		}
	}
	if lines < 300 {
		t.Errorf("found %d command lines; the documents have more", lines)
	}
}

// commandsOf returns the words behind isf, for each isf that a line of a shell
// would start.
func commandsOf(line string) (commands [][]string) {
	var command []string
	end := func() {
		for len(command) > 0 && (strings.Contains(command[0], "=") || slices.Contains([]string{"-", "run:", "timeout", "-s", "KILL", "0.3"}, command[0])) {
			command = command[1:]
		}
		if len(command) > 0 && command[0] == "isf" {
			commands = append(commands, command[1:])
		}
		command = nil
	}
	for _, word := range shellWords(asRun.ReplaceAllString(line, "isf ")) {
		switch word {
		case "|", "||", "&&", ";", "&":
			end()
		default:
			command = append(command, word)
		}
	}
	end()
	return commands
}

// shellWords splits a line at spaces outside of quotes, up to a comment.
// Redirections are left out.
func shellWords(line string) (words []string) {
	var word strings.Builder
	quote, began := rune(0), false
	for _, r := range strings.TrimSpace(line) + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, began = r, true
		case r == '#' && word.Len() == 0:
			return words
		case r != ' ' && r != '\n':
			word.WriteRune(r)
			began = true
		case began:
			words = append(words, word.String())
			word.Reset()
			began = false
		}
	}
	for i, w := range words {
		if w == "<" || w == ">" || w == ">>" {
			return words[:i]
		}
	}
	return words
}

// placeholder is a word that stands for what the reader would type.
var placeholder = regexp.MustCompile(`^[A-Z][A-Z_:.,/…|-]*…?$|…`)

// hashed are lines that only look like commands: what docs/recipes.md hashes.
var hashed = []string{"isf shuffle 1", `isf split 1\n`}

// refusal is why isf would not take these words. whole says that they are a line
// to type and not a mention.
func refusal(words []string, whole bool) error {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Trim(w, "[]") == "flags" || w == "…" })
	for i := range words {
		words[i] = strings.Trim(words[i], "[],")
	}
	root := Commands()
	root.InitDefaultCompletionCmd()
	c, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if !c.Runnable() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") && !placeholder.MatchString(rest[0]) {
		return fmt.Errorf("%s has no command %s", c.CommandPath(), rest[0])
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil && !standsForValue(err) && (whole || !strings.HasPrefix(err.Error(), "flag needs an argument")) {
		return err
	}
	if whole && c.Runnable() {
		return c.ValidateArgs(c.Flags().Args())
	}
	return nil
}

func TestALineThatIsfRefusesIsFound(t *testing.T) {
	for line, whole := range map[string]bool{
		"isf biuld":                         false,
		"isf build --maxcost 5":             false,
		"isf cache statistics":              false,
		"isf build -n ten":                  false,
		"isf show":                          true,
		"isf build --max-cost":              true,
		"FOO=1 isf build && isf statsu":     true,
		"isf sample facts | isf query":      true,
		`isf keep facts --reson "a | typo"`: true,
	} {
		commands := commandsOf(line)
		if len(commands) == 0 || refusal(commands[len(commands)-1], whole) == nil {
			t.Errorf("%q passes (%q)", line, commands)
		}
	}
	for _, line := range []string{"isf build TARGET --max-cost USD", "isf cache", "isf completion bash", "isf --help", "isf why facts:… # the cause"} {
		for _, words := range commandsOf(line) {
			if err := refusal(words, false); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

// standsForValue reports whether a flag was only given a word such as USD.
func standsForValue(err error) bool {
	m := regexp.MustCompile(`^invalid argument "([^"]*)"`).FindStringSubmatch(err.Error())
	return m != nil && placeholder.MatchString(m[1])
}

// notOurs begins a block of YAML that other programs read.
const notOurs = "# .github/"

// What a document shows of isf.yaml can be laid over one, on top of what it has
// shown before, and what it shows of a recipe is one.
func TestSettingsInDocumentsAreValid(t *testing.T) {
	const base = "identity: {prefix: pell, provider: sim, model: sim/identity}\n"
	known := recipes.Pipelines{Datasets: []string{"identity-augmentation", "identity-assertions", "style-pushback", "behaviour"}}
	blocks := 0
	for name, text := range documents(t) {
		root := t.TempDir()
		var shown []string
		for _, m := range fences.FindAllStringSubmatch(text, -1) {
			if m[1] != "yaml" || strings.HasPrefix(m[2], notOurs) {
				continue
			}
			blocks++
			var err error
			if strings.Contains(m[2], "\ncategories:") {
				_, err = recipes.Read("training/data/shown.yaml", []byte(m[2]), known)
			} else {
				shown = append(shown, fmt.Sprintf("block-%d.yaml", blocks))
				if err := os.WriteFile(filepath.Join(root, shown[len(shown)-1]), []byte(m[2]), 0o644); err != nil {
					t.Fatal(err)
				}
				_, err = config.Parse(root, []byte(base), shown...)
			}
			if err != nil {
				t.Errorf("%s shows settings that isf refuses: %v\n%s", name, err, m[2])
			}
		}
	}
	if blocks < 8 {
		t.Errorf("found %d blocks of settings; the documents have more", blocks)
	}
}

// links in Markdown, without those that leave the repository.
var links = regexp.MustCompile(`\]\(([^)\s:]*)\)`)

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	root := os.DirFS(filepath.Join("..", ".."))
	for name, text := range documents(t) {
		if path.Ext(name) != ".md" {
			continue
		}
		for _, m := range links.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
			file, section, _ := strings.Cut(m[1], "#")
			to := path.Join(path.Dir(name), file)
			if file == "" {
				to = name
			}
			text, err := fs.ReadFile(root, to)
			if info, serr := fs.Stat(root, to); serr == nil && info.IsDir() {
				continue
			}
			if err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, m[1])
			} else if section != "" && !slices.Contains(sections(string(text)), section) {
				t.Errorf("%s: %s has no section %q", name, to, section)
			}
		}
	}
}

// sections are the names that links give to the headings of a document.
func sections(text string) (names []string) {
	for line := range strings.Lines(text) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			name := strings.ToLower(strings.TrimSpace(heading))
			name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
			names = append(names, strings.ReplaceAll(name, " ", "-"))
		}
	}
	return names
}
