package view

import (
	"math"
	"slices"
)

// A Chart is a small picture of numbers: bars over bins, or a bar for each
// name. It is drawn by a template, as SVG; every bar says in words what it
// shows.
type Chart struct {
	Title         string
	Low, High     string // the ends of the axis
	Note          string // what sums it up
	Bars          []Bar
	Names         bool // a bar lies beside each name; else bars stand over bins
	Width, Height int
}

// A Bar is one bar, with its place in the picture.
type Bar struct {
	X, Y, W, H float64
	Label      string
	Count      int
	Tip        string
	Link       string // to the rows that it stands for, "" for none
}

const (
	chartWidth  = 320
	chartHeight = 96
	bins        = 32
	nameRow     = 22
)

// histogram puts values into bins of equal width up to the 99th percentile,
// beyond which the last bin takes all, so that one giant does not flatten the
// rest.
func histogram(title string, values []float64, show func(float64) string, link func(low, high float64) string) *Chart {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	low, high := values[0], values[int(float64(len(values)-1)*0.99)]
	top := values[len(values)-1]
	c := &Chart{Title: title, Width: chartWidth, Height: chartHeight, Low: show(low), High: show(high)}
	c.Note = "median " + show(values[len(values)/2]) + " · largest " + show(top)
	if high <= low {
		high = low + 1
	}
	if top > high {
		c.High += " and more"
	}
	counts := make([]int, bins)
	for _, v := range values {
		counts[min(bins-1, int((v-low)/(high-low)*bins))]++
	}
	most := float64(slices.Max(counts))
	width := float64(chartWidth) / bins
	for i, n := range counts {
		if n == 0 {
			continue
		}
		h := math.Max(2, float64(n)/most*(chartHeight-2))
		from, to := low+float64(i)*(high-low)/bins, low+float64(i+1)*(high-low)/bins
		if i == bins-1 {
			to = math.Max(to, top)
		}
		b := Bar{X: float64(i) * width, Y: chartHeight - h, W: width - 1, H: h, Count: n, Tip: count(n, "row") + ", " + show(from) + " to " + show(to)}
		if link != nil {
			b.Link = link(from, to)
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

// named is a bar for each name, as long as its count.
func named(title string, names []string, counts []int, link func(name string) string) *Chart {
	if len(names) == 0 {
		return nil
	}
	c := &Chart{Title: title, Names: true, Width: chartWidth, Height: nameRow * len(names)}
	most := float64(slices.Max(counts))
	for i, name := range names {
		b := Bar{Y: float64(i * nameRow), W: math.Max(2, float64(counts[i])/most*chartWidth), H: nameRow - 4, Label: name, Count: counts[i], Tip: count(counts[i], "row")}
		if link != nil {
			b.Link = link(name)
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}
