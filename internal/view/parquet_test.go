package view_test

import (
	"path/filepath"
	"testing"
)

// A target that is a Parquet file is looked at like any other: rows, search, order,
// findings, records and reviews.
func TestAParquetFileIsAPageOfRows(t *testing.T) {
	root := project(t)
	replaceIn(t, filepath.Join(root, "training/data/default.yaml"), "mode: simple\n", "mode: simple\nformat: parquet\n")
	isfIn(t, root, "build", "training/data/prepared/default+")
	s := visit(t, root, true)
	s.open("/t/training/data/prepared/default")
	s.sees("its rows", `Number(document.querySelector("#rows strong")?.innerText.replace(",", "")) > 600`)
	s.reads("#findings", "volume")
	s.open("/t/training/data/prepared/default?q=6-year-old&sort=length")
	s.reads("#rows", "1 of ")
	s.click("#rows td.prompt a")
	s.reads(".turn.user", "6-year-old")
	s.click("button[value=good]")
	s.reads(".mark.good", "good")
	s.open("/review/training/data/prepared/default")
	s.reads(".turn.user", "")
}
