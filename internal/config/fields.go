package config

import (
	"math/big"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/identity-shaping/isf/internal/near"
	"github.com/identity-shaping/isf/internal/provider"
)

// Each function here makes the reader of a field from the place its value goes.

func text(to *string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if s, ok := d.Text(n, path); ok {
			*to = s
		}
	}
}

// nameRE is what names of models, variants and versions are made of.
var nameRE = regexp.MustCompile(`\A[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*\z`)

// ValidName tells whether s may name a model, target, variant or version.
func ValidName(s string) bool { return nameRE.MatchString(s) && !strings.Contains(s, "..") }

// CheckName reports a name that is not one. Plain names hold no slash.
func (d *Decoder) CheckName(n *yaml.Node, what, s string, plain bool) bool {
	if ValidName(s) && !(plain && strings.Contains(s, "/")) {
		return true
	}
	d.Fault(n, "%q cannot name %s: names are made of letters, digits, '.', '_' and '-', without '..'", s, what)
	return false
}

func plainName(to *string, what string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if s, ok := d.Text(n, path); ok && d.CheckName(n, what, s, true) {
			*to = s
		}
	}
}

// OneOf is one of a few words.
func OneOf(to *string, words ...string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		s, ok := d.Text(n, path)
		switch {
		case !ok:
		case slices.Contains(words, s):
			*to = s
		case near.Best(s, words) != "":
			d.Fault(n, "%s cannot be %q; did you mean %q?", path, s, near.Best(s, words))
		default:
			d.Fault(n, "%s cannot be %q; it is one of %s", path, s, strings.Join(words, ", "))
		}
	}
}

// folder is a path that is kept with slashes and relative to the root.
func folder(to *string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		s, ok := d.Text(n, path)
		if !ok {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(s)) {
			d.Fault(n, "%s must be a path inside the project, not %q", path, s)
			return
		}
		*to = filepath.ToSlash(filepath.Clean(s))
	}
}

func float(to **float64, least float64) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		f, ok := d.Number(n, path)
		if ok && !(f >= least) {
			d.Fault(n, "%s must be at least %g", path, least)
			return
		}
		if ok {
			*to = &f
		}
	}
}

func optionalInt(to **int64, least int64) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if i, ok := d.Integer(n, path, least); ok {
			*to = &i
		}
	}
}

func integer[T int | int64](to *T, least int64) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if i, ok := d.Integer(n, path, least); ok {
			*to = T(i)
		}
	}
}

// optionalBool is a boolean; YAML 1.1's words for one, which the Python toolkit took, count too.
func optionalBool(to **bool) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if !isBool(n) {
			d.Wrong(n, path, "true or false")
			return
		}
		yes := slices.Contains([]string{"true", "yes", "on"}, strings.ToLower(n.Value))
		*to = &yes
	}
}

// texts is one text or a list of texts.
func texts(to *[]string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		for _, item := range items {
			if s, ok := d.Text(Resolve(item), path); ok {
				*to = append(*to, s)
			}
		}
	}
}

// bases is one base URL or a list of them.
func bases(to *[]string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		texts(to)(d, n, path)
		for _, base := range *to {
			if _, err := provider.ParseBase(base); err != nil {
				d.Fault(n, "%s %v", path, err)
				d.problems[len(d.problems)-1].Excerpt = "" // the line may hold a password
			}
		}
	}
}

func textMap(to *map[string]string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if !d.Mapping(n, path) {
			return
		}
		*to = map[string]string{}
		for _, p := range d.Pairs(n, path) {
			if s, ok := d.Text(p.Value, join(path, p.Key.Value)); ok {
				(*to)[p.Key.Value] = s
			}
		}
	}
}

// jsonMap is a mapping of any values that JSON can say.
func jsonMap(to *map[string]any) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		if !d.Mapping(n, path) {
			return
		}
		*to = map[string]any{}
		for _, p := range d.Pairs(n, path) {
			(*to)[p.Key.Value] = d.value(p.Value, join(path, p.Key.Value), false)
		}
	}
}

// extras is a mapping of body fields that have no key here.
func extras(to *map[string]any, transport bool) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		jsonMap(to)(d, n, path)
		if n.Kind != yaml.MappingNode {
			return
		}
		for _, p := range d.Pairs(n, path) {
			if err := provider.CheckExtra(p.Key.Value, transport); err != nil {
				d.Fault(p.Key, "%s: %v", path, err)
			}
		}
	}
}

// duration is a number of seconds, or text such as 2m30s.
func duration(to *time.Duration) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		var seconds float64
		var t time.Duration
		var err error
		if tag := n.ShortTag(); n.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float") && n.Load(&seconds) == nil {
			t = time.Duration(seconds * float64(time.Second))
		} else {
			t, err = time.ParseDuration(n.Value)
		}
		if err != nil || n.Kind != yaml.ScalarNode || t <= 0 {
			d.Wrong(n, path, "a time such as 90s or 2m")
			return
		}
		*to = t
	}
}

// maxPrice bounds a price in USD per million tokens: above it somebody has
// mistaken the unit, and sums of nano-USD could overflow.
const maxPrice = 1_000_000

// usd reads a decimal number of USD exactly, as nano-USD.
func usd(to *int64, given *bool) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		r, ok := new(big.Rat).SetString(n.Value)
		if n.Kind != yaml.ScalarNode || !ok || !decimalRE.MatchString(n.Value) || r.Cmp(big.NewRat(maxPrice, 1)) > 0 {
			d.Wrong(n, path, "a price in USD per million tokens, such as 0.60")
			return
		}
		r.Mul(r, big.NewRat(1e9, 1))
		if !r.IsInt() {
			d.Fault(n, "%s has more than nine digits behind the point", path)
			return
		}
		*to, *given = r.Num().Int64(), true
	}
}

var decimalRE = regexp.MustCompile(`\A[0-9]+(?:\.[0-9]+)?\z`)
