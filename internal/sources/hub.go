package sources

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// converted is the branch on which the hub keeps public datasets as Parquet,
// whatever their own files are.
const converted = "refs/convert/parquet"

const mainBranch = "main"

// lookHub finds the commit of a dataset's revision and the files of its split.
// A dataset without files that rows are read from has them on the converted
// branch; its commits are the dataset's, too, so a pin needs no more than its
// name.
func (c *Client) lookHub(ctx context.Context, d *Dataset, pin string) (version, error) {
	if pin != "" {
		v, others, err := c.at(ctx, d, pin)
		if err == nil && len(v.Files) == 0 {
			err = noSplit(d, others)
		}
		return v, err
	}
	revision := d.Revision
	if revision == "" {
		revision = mainBranch
	}
	v, others, err := c.at(ctx, d, revision)
	if err != nil || len(v.Files) > 0 {
		return v, err
	}
	if d.Revision != "" {
		return v, noSplit(d, others)
	}
	v, more, err := c.at(ctx, d, converted)
	if err != nil {
		return v, noSplit(d, others)
	}
	if len(v.Files) == 0 {
		return v, noSplit(d, append(others, more...))
	}
	return v, nil
}

func noSplit(d *Dataset, others []string) error {
	if len(others) == 0 {
		return fmt.Errorf("%s: the dataset has no %s files", d, Extensions)
	}
	if len(others) > 10 {
		others = append(others[:10], "…")
	}
	return fmt.Errorf("%s: no files belong to split %q of config %q; there are %s", d, d.Split, d.Config, strings.Join(others, ", "))
}

// at returns the version of a revision. Without files of the split it has the
// names of others.
func (c *Client) at(ctx context.Context, d *Dataset, revision string) (v version, others []string, err error) {
	v.Pin = revision
	if !commit.MatchString(revision) {
		if v.Pin, err = c.commitOf(ctx, d, revision); err != nil {
			return v, nil, err
		}
	}
	entries, err := c.tree(ctx, d, v.Pin)
	if err != nil {
		return v, nil, err
	}
	card, err := c.card(ctx, d, v.Pin, entries)
	if err != nil {
		return v, nil, err
	}
	for _, e := range split(d, entries, card) {
		v.Files = append(v.Files, e.part())
	}
	for _, e := range entries {
		if e.Type == "file" && HasRows(e.Path) {
			others = append(others, e.Path)
		}
	}
	return v, others, nil
}

// commitOf asks what commit a branch or tag is.
func (c *Client) commitOf(ctx context.Context, d *Dataset, revision string) (string, error) {
	what := hubScheme + d.Repo
	if revision != mainBranch {
		what += "@" + revision
	}
	resp, _, err := c.get(ctx, what, c.hubAddress("api/datasets/"+d.Repo+"/revision", revision), nil, http.StatusOK)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var info struct {
		SHA string `json:"sha"`
	}
	if err := decode(resp.Body, &info); err != nil || !commit.MatchString(info.SHA) {
		return "", fmt.Errorf("%s: the answer of %s names no commit", what, c.hub.Host)
	}
	return info.SHA, nil
}

// An entry is a file or folder of a dataset.
type entry struct {
	Type string `json:"type"`
	Path string `json:"path"`
	Size int64  `json:"size"`
	OID  string `json:"oid"`
	LFS  *struct {
		OID  string `json:"oid"`
		Size int64  `json:"size"`
	} `json:"lfs"`
}

func (e entry) part() part {
	if e.LFS != nil {
		return part{e.Path, e.LFS.Size, e.LFS.OID}
	}
	return part{e.Path, e.Size, e.OID}
}

// maxPages bounds a listing: 100,000 files.
const maxPages = 100

// tree lists the files of a commit.
func (c *Client) tree(ctx context.Context, d *Dataset, sha string) ([]entry, error) {
	what := hubScheme + d.Repo + "@" + sha
	next := c.hubAddress("api/datasets/"+d.Repo+"/tree", sha) + "?recursive=true"
	var all []entry
	for range maxPages {
		resp, from, err := c.get(ctx, what, next, nil, http.StatusOK)
		if err != nil {
			return nil, err
		}
		var page []entry
		err = decode(resp.Body, &page)
		_ = resp.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: the listing of %s is not understood: %w", what, c.hub.Host, err)
		}
		all = append(all, page...)
		if next = nextPage(from, resp.Header.Get("Link")); next == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%s has too many files to list", what)
}

// nextPage reads a header of the form <address>; rel="next".
func nextPage(from, link string) string {
	for one := range strings.SplitSeq(link, ",") {
		address, rel, _ := strings.Cut(one, ";")
		if !strings.Contains(rel, `rel="next"`) {
			continue
		}
		base, err := url.Parse(from)
		if err != nil {
			return ""
		}
		next, err := base.Parse(strings.Trim(strings.TrimSpace(address), "<>"))
		if err != nil {
			return ""
		}
		return next.String()
	}
	return ""
}

// maxCard bounds what is read of a dataset's README.
const maxCard = 1 << 20

// card returns the dataset's README, which may say where its splits are.
func (c *Client) card(ctx context.Context, d *Dataset, sha string, entries []entry) ([]byte, error) {
	for _, e := range entries {
		if e.Path != "README.md" {
			continue
		}
		resp, _, err := c.get(ctx, hubScheme+d.Repo+"/README.md", c.hubAddress("datasets/"+d.Repo+"/resolve", sha, e.Path), nil, http.StatusOK)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxCard))
		return text, unexpectedOrNil(err)
	}
	return nil, nil
}

func unexpectedOrNil(err error) error {
	if err == nil {
		return nil
	}
	return unexpected(err)
}

// hubAddress is an address on the hub. A revision is one part of it, slashes
// and all; a path is as many as it has.
func (c *Client) hubAddress(folder, revision string, file ...string) string {
	address := strings.TrimSuffix(c.hub.String(), "/") + "/" + folder + "/" + url.PathEscape(revision)
	for _, f := range file {
		for part := range strings.SplitSeq(f, "/") {
			address += "/" + url.PathEscape(part)
		}
	}
	return address
}
