package term

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
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
	if l.About {
		return Count(l.Done) + "/~" + Count(l.Total)
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

// money is what was spent, and what all records will take.
func (p *Progress) money(l Line) string {
	return spent(l.CostNano, p.paces[l.Target].projected(l))
}

func spent(nano, projected int64) string {
	switch {
	case nano == 0:
		return ""
	case projected <= nano:
		return Money(nano)
	}
	return Money(nano) + " of ~" + Money(projected)
}

func saved(l Line) string {
	if l.SavedNano == 0 {
		return ""
	}
	return Money(l.SavedNano)
}

// models says which model takes the money, "" where only one does.
func (p *Progress) models() string {
	type sum struct{ nano, projected int64 }
	sums := map[string]sum{}
	for _, l := range p.lines {
		projected := p.paces[l.Target].projected(l)
		for _, m := range l.Models {
			if m.CostNano == 0 {
				continue
			}
			s := sums[m.Model]
			s.nano += m.CostNano
			s.projected += m.CostNano
			if projected > l.CostNano {
				s.projected += int64(float64(projected-l.CostNano) * float64(m.CostNano) / float64(l.CostNano))
			}
			sums[m.Model] = s
		}
	}
	if len(sums) < 2 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		return cmp.Or(cmp.Compare(sums[b].nano, sums[a].nano), strings.Compare(a, b))
	})
	for i, n := range names {
		names[i] = SafeLine(n) + " " + spent(sums[n].nano, sums[n].projected)
	}
	return strings.Join(names, ", ")
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
	case Stopped, Paused:
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
	return PerSecond(p.paces[l.Target].Rate())
}

func (p *Progress) eta(l Line) string {
	if l.State != Running && l.State != "" {
		return ""
	}
	return Roughly(p.paces[l.Target].Takes(l.Total - l.Done))
}
