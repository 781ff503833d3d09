package term

import (
	"io"
	"strings"
)

// print writes a plain line for each target of which there is something new to
// tell: at once when its state changed, else now and then.
func (p *Progress) print(last bool) {
	now := p.screen.now()
	due := last || now.Sub(p.at) >= quiet
	if p.at.IsZero() {
		p.at, due = now, last // the first lines come after a while, if the build is not over by then
	}
	if due {
		p.at = now
	}
	var b strings.Builder
	for _, l := range p.lines {
		if l.State == Waiting {
			continue
		}
		changed := p.states[l.Target] != l.State && l.State != Running && l.State != ""
		if !due && !changed {
			continue
		}
		line := p.plain(l)
		if p.printed[l.Target] == line {
			continue
		}
		p.printed[l.Target], p.states[l.Target] = line, l.State
		b.WriteString(line + p.outlook(l) + "\n")
	}
	if models := p.models(); b.Len() > 0 && models != p.shares {
		p.shares = models
		b.WriteString("models: " + models + "\n")
	}
	if b.Len() > 0 {
		io.WriteString(p.out, b.String())
	}
}

// plain is one target in one line, without what changes by itself.
func (p *Progress) plain(l Line) string {
	parts := []string{Plural(l.Done, "record")}
	if l.Total >= 0 {
		parts[0] = counts(l) + " records"
	}
	for _, c := range []struct {
		what string
		n    int64
	}{{"hits", l.Hits}, {"sent", l.Sent}, {"retries", l.Retries}, {"errors", l.Errors}} {
		if c.n != 0 {
			parts = append(parts, c.what+" "+Count(c.n))
		}
	}
	if s := tokens(l); s != "" {
		parts = append(parts, s)
	}
	if s := p.money(l); s != "" {
		parts = append(parts, s)
	}
	if s := saved(l); s != "" {
		parts = append(parts, s+" saved")
	}
	state := ""
	if l.State != Running && l.State != "" {
		state = l.State + ", "
	}
	return l.Target + ": " + state + strings.Join(parts, ", ")
}

// outlook is how fast it goes and how long it will take.
func (p *Progress) outlook(l Line) string {
	out := ""
	if s := p.speed(l); s != "" {
		out += ", " + s
	}
	if s := p.eta(l); s != "" {
		out += ", eta " + s
	}
	return out
}
