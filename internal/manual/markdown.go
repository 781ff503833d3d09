package manual

import (
	"fmt"
	"strings"
)

type markdown struct{ strings.Builder }

func (m *markdown) title(name, short string) {
	fmt.Fprintf(m, "# The commands of %s\n\n<!-- Written by `go test ./internal/cli -run Manual -update` from the texts of --help; edit those. -->\n\n%s.\n", name, m.plain(short))
}

func (m *markdown) command(path, short string) {
	fmt.Fprintf(m, "\n## %s\n\n%s.\n", path, m.plain(short))
}

func (m *markdown) heading(text string) { fmt.Fprintf(m, "\n**%s**\n", text) }

func (m *markdown) prose(text string) {
	for _, b := range blocks(text) {
		if b.verbatim {
			m.code(b.text)
			continue
		}
		fmt.Fprintf(m, "\n%s\n", m.plain(b.text))
	}
}

func (m *markdown) code(text string) { fmt.Fprintf(m, "\n```\n%s\n```\n", undented(text)) }

// plain keeps marks of Markdown from being read as such; code in back quotes
// stays code.
func (*markdown) plain(text string) string {
	parts := strings.Split(text, "`")
	for i := range parts {
		if i%2 == 0 {
			parts[i] = marks.Replace(parts[i])
		}
	}
	return strings.Join(parts, "`")
}

var marks = strings.NewReplacer(`*`, `\*`, `_`, `\_`, `<`, `\<`, `[`, `\[`, `|`, `\|`)
