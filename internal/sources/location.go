package sources

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// A Location is where rows are. Exactly one of Path, URL and Dataset is set.
type Location struct {
	Path    string // a file of the project
	URL     string // http:// or https://
	Dataset *Dataset
}

// A Dataset is a split of a dataset on the hub.
type Dataset struct {
	Repo     string // OWNER/NAME
	Revision string // a branch, tag or commit; "" is the main branch
	Config   string
	Split    string
}

const hubScheme = "hf://datasets/"

// hubForm is how a split of a dataset is written.
const hubForm = hubScheme + "OWNER/NAME[@REVISION]/CONFIG/SPLIT"

var (
	hubWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	commit  = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// Parse reads a location as pipelines write it.
func Parse(text string) (Location, error) {
	scheme, _, remote := strings.Cut(text, "://")
	switch {
	case !remote:
		return Location{Path: text}, nil
	case scheme == "hf":
		d, err := parseDataset(text)
		return Location{Dataset: d}, err
	case scheme == "http" || scheme == "https":
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return Location{}, fmt.Errorf("%q is no address of a file", text)
		}
		if u.User != nil {
			return Location{}, fmt.Errorf("the address of %s holds a password, which the manifest would show: leave it out", u.Host)
		}
		if !HasRows(u.Path) {
			return Location{}, fmt.Errorf("%s: rows are read from %s files", bare(text), Extensions)
		}
		return Location{URL: text}, nil
	}
	return Location{}, fmt.Errorf("%q: rows are read from a path in the project, http://…, https://… or %s", text, hubForm)
}

// parseDataset reads the address of a split. A revision may have slashes, as
// refs/convert/parquet has; config and split have none.
func parseDataset(text string) (*Dataset, error) {
	parts := strings.Split(strings.TrimPrefix(text, hubScheme), "/")
	n := len(parts)
	if !strings.HasPrefix(text, hubScheme) || n < 4 {
		return nil, fmt.Errorf("%q: write a dataset of the hub as %s", text, hubForm)
	}
	name, revision, _ := strings.Cut(strings.Join(parts[1:n-2], "/"), "@")
	d := &Dataset{Repo: parts[0] + "/" + name, Revision: revision, Config: parts[n-2], Split: parts[n-1]}
	for _, word := range []string{parts[0], name, d.Config, d.Split} {
		if !hubWord.MatchString(word) || strings.Contains(word, "..") {
			return nil, fmt.Errorf("%q: write a dataset of the hub as %s", text, hubForm)
		}
	}
	return d, nil
}

// Remote says whether the rows are outside the project.
func (l Location) Remote() bool { return l.Path == "" }

// Fixed returns the pin that the location itself names: a whole commit. ok is
// false where it takes a look to know.
func (l Location) Fixed() (pin string, ok bool) {
	if l.Dataset == nil || !commit.MatchString(l.Dataset.Revision) {
		return "", false
	}
	return l.Dataset.Revision, true
}

func (l Location) String() string {
	switch {
	case l.URL != "":
		return bare(l.URL)
	case l.Dataset != nil:
		return l.Dataset.String()
	}
	return l.Path
}

func (d *Dataset) String() string {
	at := ""
	if d.Revision != "" {
		at = "@" + d.Revision
	}
	return hubScheme + d.Repo + at + "/" + path.Join(d.Config, d.Split)
}

// bare is an address without its query, which may be a signature.
func bare(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}
