package sources

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// split returns the files of a dataset that belong to its config and split, in
// order: as its README says, or else by where they usually lie. Of several
// formats Parquet is taken.
func split(d *Dataset, entries []entry, card []byte) []entry {
	patterns, declared := cardPatterns(card, d)
	if !declared {
		patterns = usual(d)
	}
	for _, p := range patterns {
		found := matching(entries, p)
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// usual are the places of a split, each a list of patterns for one layout. The
// first is that of the converted branch.
func usual(d *Dataset) [][]string {
	c, s := d.Config, d.Split
	layouts := [][]string{{c + "/" + s + "/*"}, {c + "/" + s + "-*", c + "/" + s + ".*"}}
	if c == "default" {
		layouts = append(layouts,
			[]string{"data/" + s + "-*", "data/" + s + ".*"}, []string{"data/" + s + "/*"},
			[]string{s + "-*", s + ".*"}, []string{s + "/*"})
	}
	return layouts
}

func matching(entries []entry, patterns []string) []entry {
	var found []entry
	for _, p := range patterns {
		expr := glob(p)
		for _, e := range entries {
			known := slices.ContainsFunc(found, func(f entry) bool { return f.Path == e.Path })
			if e.Type == "file" && HasRows(e.Path) && expr.MatchString(e.Path) && !known {
				found = append(found, e)
			}
		}
	}
	if parquet := func(e entry) bool { return strings.HasSuffix(e.Path, ".parquet") }; slices.ContainsFunc(found, parquet) {
		found = slices.DeleteFunc(found, func(e entry) bool { return !parquet(e) })
	}
	slices.SortFunc(found, func(a, b entry) int { return strings.Compare(a.Path, b.Path) })
	return found
}

// glob compiles a pattern of the hub: * and ? stay in a folder, ** does not.
func glob(pattern string) *regexp.Regexp {
	expr := regexp.QuoteMeta(strings.TrimPrefix(pattern, "./"))
	for _, r := range [][2]string{{`\*\*/`, `(?:.*/)?`}, {`\*\*`, `.*`}, {`\*`, `[^/]*`}, {`\?`, `[^/]`}} {
		expr = strings.ReplaceAll(expr, r[0], r[1])
	}
	return regexp.MustCompile("^" + expr + "$")
}

// cardPatterns reads what a README says in front of its text:
//
//	configs:
//	- config_name: default
//	  data_files:
//	  - split: train
//	    path: data/train-*
//
// declared is false where it says nothing of the config.
func cardPatterns(card []byte, d *Dataset) (patterns [][]string, declared bool) {
	head, ok := frontMatter(card)
	if !ok {
		return nil, false
	}
	var meta struct {
		Configs []struct {
			Name  string    `yaml:"config_name"`
			Files yaml.Node `yaml:"data_files"`
		} `yaml:"configs"`
	}
	if yaml.Unmarshal(head, &meta) != nil {
		return nil, false
	}
	for _, c := range meta.Configs {
		if c.Name != d.Config || c.Files.IsZero() {
			continue
		}
		var splits []struct {
			Split string    `yaml:"split"`
			Path  yaml.Node `yaml:"path"`
		}
		if c.Files.Decode(&splits) == nil && len(splits) > 0 && splits[0].Split != "" {
			for _, s := range splits {
				if s.Split == d.Split {
					patterns = append(patterns, texts(&s.Path))
				}
			}
			return patterns, true
		}
		if d.Split == "train" { // files that name no split are training data
			return [][]string{texts(&c.Files)}, true
		}
		return nil, true
	}
	return nil, false
}

// texts reads a text or a list of texts.
func texts(n *yaml.Node) []string {
	var one string
	if n.Decode(&one) == nil {
		return []string{one}
	}
	var many []string
	_ = n.Decode(&many)
	return many
}

func frontMatter(card []byte) ([]byte, bool) {
	card = bytes.ReplaceAll(card, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(card, []byte("---\n"))
	head, _, found := bytes.Cut(rest, []byte("\n---"))
	return head, ok && found
}
