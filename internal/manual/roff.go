package manual

import (
	"fmt"
	"strings"
)

type roff struct{ strings.Builder }

func (r *roff) title(name, short string) {
	fmt.Fprintf(r, ".\\\" Written by `go test ./internal/cli -run Manual -update` from the texts of --help; edit those.\n")
	fmt.Fprintf(r, ".TH %s 1 \"\" \"isf\"\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n", strings.ToUpper(name), name, r.plain(short))
}

func (r *roff) command(path, short string) {
	fmt.Fprintf(r, ".SH %s\n%s.\n", r.plain(path), r.plain(short))
}

func (r *roff) heading(text string) { fmt.Fprintf(r, ".PP\n\\fB%s\\fP\n", r.plain(text)) }

func (r *roff) prose(text string) {
	for _, b := range blocks(text) {
		if b.verbatim {
			r.code(b.text)
			continue
		}
		fmt.Fprintf(r, ".PP\n%s\n", r.plain(b.text))
	}
}

func (r *roff) code(text string) {
	fmt.Fprintf(r, ".PP\n.RS 4\n.nf\n%s\n.fi\n.RE\n", r.plain(undented(text)))
}

// plain keeps text from being read as requests or escapes.
func (*roff) plain(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
