package term

import (
	"fmt"
	"strings"
)

// counts is done/total, or done alone while the total is unknown.
func counts(l Line) string {
	switch {
	case l.State == Waiting && l.Done == 0:
		return ""
	case l.Total < 0:
		return Count(l.Done)
	}
	return Count(l.Done) + "/" + Count(l.Total)
}

// counted is a number with what it counts, "" for none.
func counted(what string, n int64) string {
	if n == 0 {
		return ""
	}
	return what + " " + Count(n)
}

func tokens(l Line) string {
	if l.Tokens == 0 {
		return ""
	}
	return Short(l.Tokens) + " tok"
}

// barWidth in columns, without its ends and the percentage.
const barWidth = 11

// bar draws how much is done; a state that has no bar is named in its place.
func (p *Progress) bar(l Line) (string, func(string) string) {
	switch {
	case l.State != Running && l.State != Done && l.State != "":
		return l.State, p.stateStyle(l.State)
	case l.Total <= 0:
		return "", nil
	}
	done := min(max(l.Done, 0), l.Total)
	full := int(done * barWidth / l.Total)
	text := fmt.Sprintf("▕%s%s▏%3d%%", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), done*100/l.Total)
	return text, p.screen.Cyan
}

func (p *Progress) stateStyle(state string) func(string) string {
	switch state {
	case Failed:
		return p.screen.Red
	case Stopped:
		return p.screen.Yellow
	}
	return p.screen.Dim
}

// speed and eta are for what runs only.
func (p *Progress) speed(l Line) string {
	if l.State != Running && l.State != "" {
		return ""
	}
	return perSecond(p.paces[l.Target].rate())
}

func (p *Progress) eta(l Line) string {
	if l.State != Running && l.State != "" {
		return ""
	}
	if d := roughly(p.paces[l.Target].eta(l)); d != "" {
		return "eta " + d
	}
	return ""
}
