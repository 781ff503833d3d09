package term

import (
	"fmt"
	"strings"
)

// counts is done/total, or done alone while the total is unknown.
func counts(l Line) string {
	switch {
	case l.Done == 0 && (l.State == Waiting || l.Total < 0):
		return ""
	case l.Total < 0:
		return Count(l.Done)
	}
	return Count(l.Done) + "/" + Count(l.Total)
}

// some is a number, "" for none.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return Count(n)
}

func tokens(l Line) string {
	if l.Tokens == 0 {
		return ""
	}
	return Short(l.Tokens) + " tok"
}

// money is what was spent, and what all records will take at the same rate.
func money(l Line) string {
	if l.CostNano == 0 {
		return ""
	}
	spent := Money(l.CostNano)
	if l.Total <= l.Done || l.Done == 0 {
		return spent
	}
	return fmt.Sprintf("%s of ~%s", spent, Money(int64(float64(l.CostNano)/float64(l.Done)*float64(l.Total))))
}

// barWidth in columns, without its ends and the percentage.
const barWidth = 11

// bar draws how much is done; a state that has no bar is named in its place.
func bar(l Line) string {
	switch {
	case l.State != Running && l.State != Done && l.State != "":
		return l.State
	case l.Total <= 0:
		return ""
	}
	done := min(max(l.Done, 0), l.Total)
	full := int(done * barWidth / l.Total)
	return fmt.Sprintf("▕%s%s▏%3d%%", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), done*100/l.Total)
}

func barStyle(s Screen, l Line) func(string) string {
	switch l.State {
	case Failed:
		return s.Red
	case Stopped:
		return s.Yellow
	case Running, Done, "":
		return s.Cyan
	}
	return s.Dim
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
	return roughly(p.paces[l.Target].eta(l))
}
