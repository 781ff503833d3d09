package draw

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sizes of the picture in pixels.
const (
	boxHeight  = 44
	rowGap     = 18
	columnGap  = 70
	margin     = 20
	markWidth  = 3 // characters of the sign that may stand before a state
	charWidth  = 7 // of the widest letters at 12 px, so that no name leaves its box
	minWidth   = 120
	arrowSpace = 6
)

// fills are the colours of states; the state's word stands in the box too.
var fills = map[string]string{
	"CURRENT": "#d9f2e3", "PARTIAL": "#e3ecfb", "STALE": "#fdf0cc", "MISSING": "#eeeeee",
	"EDITED": "#f3e1f7", "FAILED": "#fbdada", "RUNNING": "#d6eef8",
}

type box struct {
	Node
	x, y, width int
}

// A Box is a node with its place in a picture.
type Box struct {
	Node
	X, Y, Width, Height int
}

// An Arrow is an edge as a path of SVG.
type Arrow struct {
	Edge
	Path string
}

// Place returns where a picture's boxes and arrows are, and how large it is, for
// who draws it in another way.
func Place(p Picture) (boxes []Box, arrows []Arrow, width, height int) {
	placed, width, height := layout(p)
	for _, n := range p.Nodes {
		x := placed[n.ID]
		boxes = append(boxes, Box{n, x.x, x.y, x.width, boxHeight})
	}
	for _, e := range p.Edges {
		arrows = append(arrows, Arrow{e, curve(placed[e.From], placed[e.To])})
	}
	return boxes, arrows, width, height
}

// SVG writes the graph as a picture: a column holds what can be made once the
// columns to its left are.
func SVG(w io.Writer, p Picture) error {
	boxes, width, height := layout(p)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", width, height, width, height)
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#777"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	for _, e := range p.Edges {
		arrow(&b, boxes[e.From], boxes[e.To])
	}
	for _, n := range p.Nodes {
		boxes[n.ID].write(&b)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// layout places each node one column to the right of the last thing it needs,
// and what needs nothing just left of the first that needs it.
func layout(p Picture) (boxes map[string]*box, width, height int) {
	boxes = map[string]*box{}
	at := columnOf(p)
	var columns [][]*box
	for _, n := range p.Nodes {
		for len(columns) <= at[n.ID] {
			columns = append(columns, nil)
		}
		b := &box{Node: n, width: boxWidth(n)}
		boxes[n.ID] = b
		columns[at[n.ID]] = append(columns[at[n.ID]], b)
	}
	untangle(p, columns)
	x := margin
	for _, column := range columns {
		widest := 0
		for i, b := range column {
			b.x, b.y = x, margin+i*(boxHeight+rowGap)
			widest = max(widest, b.width)
			height = max(height, b.y+boxHeight)
		}
		x += widest + columnGap
	}
	return boxes, x - columnGap + margin, height + margin
}

// columnOf numbers the columns of all nodes.
func columnOf(p Picture) map[string]int {
	at, first := map[string]int{}, map[string]int{}
	for _, n := range p.Nodes {
		for _, s := range p.sources(n.ID) {
			at[n.ID] = max(at[n.ID], at[s.ID]+1)
		}
	}
	for _, e := range p.Edges {
		if c, known := first[e.From]; !known || at[e.To] < c {
			first[e.From] = at[e.To]
		}
	}
	for _, n := range p.Nodes {
		if c, used := first[n.ID]; used && at[n.ID] == 0 {
			at[n.ID] = c - 1
		}
	}
	return at
}

// untangle orders each column by where the neighbours of its nodes are on
// average, which lets few arrows cross. Equal pictures give equal orders.
func untangle(p Picture, columns [][]*box) {
	neighbours, place := map[string][]string{}, map[string]float64{}
	for _, e := range p.Edges {
		neighbours[e.From], neighbours[e.To] = append(neighbours[e.From], e.To), append(neighbours[e.To], e.From)
	}
	number := func(column []*box) {
		for i, b := range column {
			place[b.ID] = float64(i) - float64(len(column))/2
		}
	}
	for _, column := range columns {
		number(column)
	}
	const rounds = 6 // more change nothing in graphs of a few dozen nodes
	for range rounds {
		for _, column := range columns {
			middle := map[string]float64{}
			for _, b := range column {
				middle[b.ID] = place[b.ID]
				if of := neighbours[b.ID]; len(of) > 0 {
					sum := 0.0
					for _, id := range of {
						sum += place[id]
					}
					middle[b.ID] = sum / float64(len(of))
				}
			}
			slices.SortStableFunc(column, func(a, b *box) int { return cmp.Compare(middle[a.ID], middle[b.ID]) })
			number(column)
		}
	}
}

func boxWidth(n Node) int {
	longest := 0
	for _, line := range strings.Split(label(n, "\n"), "\n") {
		width := utf8.RuneCountInString(line)
		if n.State != "" { // a name is bold, too
			width += markWidth
		}
		longest = max(longest, width)
	}
	return max(minWidth, longest*charWidth+20)
}

func arrow(b *strings.Builder, from, to *box) {
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="#777" marker-end="url(#tip)"/>`+"\n", curve(from, to))
}

func curve(from, to *box) string {
	x1, y1 := from.x+from.width, from.y+boxHeight/2
	x2, y2 := to.x-arrowSpace/2, to.y+boxHeight/2
	bend := (x2 - x1) / 2
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
}

func (x *box) write(b *strings.Builder) {
	fill, round := fills[x.State], 6
	if x.State == "" {
		fill, round = "#ffffff", 0
	}
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="%s" stroke="#555"/>`+"\n", x.x, x.y, x.width, boxHeight, round, fill)
	lines := strings.SplitN(label(x.Node, "\n"), "\n", 2)
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#111">%s</text>`+"\n", x.x+10, x.y+18, html.EscapeString(lines[0]))
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#555">%s</text>`+"\n", x.x+10, x.y+35, html.EscapeString(lines[1]))
}
