// Command isf builds this repository's own project: the example identity.
package main

import (
	"github.com/identity-shaping/isf"
	"github.com/identity-shaping/isf/pipelines"
)

func main() {
	isf.Main(pipelines.All()...)
}
