package sources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// A version is what a location stood for at one time. It is kept, so that a
// version that was seen once is opened without asking.
type version struct {
	Location string    `json:"location"`
	Pin      string    `json:"pin"`
	Seen     time.Time `json:"seen"`
	Files    []part    `json:"files"`
}

// A part is one file of a version.
type part struct {
	Path string `json:"path,omitempty"` // in the dataset, "" for a file on the web
	Size int64  `json:"size"`
	ID   string `json:"id"` // names the content: a digest, or an ETag
}

// Pin returns what names the content of a location as it is now: the commit of
// a dataset, or the ETag of a file, or failing that its date. Where the server
// cannot be asked it is what the location was seen to be last.
func (c *Client) Pin(ctx context.Context, l Location) (string, error) {
	if pin, ok := l.Fixed(); ok {
		return pin, nil
	}
	last, known := c.recall(l, "")
	if c.offline {
		if !known {
			return "", fmt.Errorf("%s was never read here, and %w", l, ErrOffline)
		}
		return last.Pin, nil
	}
	v, err := c.look(ctx, l, "")
	if err != nil && known && errors.Is(err, ErrUnreachable) {
		c.log(fmt.Sprintf("%s: taking it as it was on %s, because %v", l, last.Seen.Format(time.DateOnly), err))
		return last.Pin, nil
	}
	if err != nil {
		return "", err
	}
	return v.Pin, nil
}

// Open returns the files of a location as they were at a pin. done ends them.
func (c *Client) Open(ctx context.Context, l Location, pin string) (files []File, done func(), err error) {
	v, known := c.recall(l, pin)
	if !known {
		if c.offline {
			return nil, nil, fmt.Errorf("%s was never read here as it was at %s, and %w", l, pin, ErrOffline)
		}
		if v, err = c.look(ctx, l, pin); err != nil {
			return nil, nil, err
		}
	}
	var all []*kept
	done = func() {
		for _, k := range all {
			k.close()
		}
	}
	for _, p := range v.Files {
		k, err := openKept(c.path("files", nameOf(c.source(l), p.Path, p.ID)), p.Size)
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("what is fetched of %s cannot be kept: %w", l, err)
		}
		all = append(all, k)
		files = append(files, c.file(ctx, l, v, p, k))
	}
	return files, done, nil
}

// source is what a file is kept under beside its own name: versions of a
// dataset share the files that did not change between them.
func (c *Client) source(l Location) string {
	if l.Dataset != nil {
		return c.hub.String() + " " + l.Dataset.Repo
	}
	return l.URL
}

func (c *Client) file(ctx context.Context, l Location, v version, p part, k *kept) File {
	r := &remoteFile{ctx: ctx, client: c, size: p.Size, kept: k, ends: map[int64]int64{}}
	if l.Dataset != nil {
		r.what = hubScheme + l.Dataset.Repo + "/" + p.Path
		r.address = c.hubAddress("datasets/"+l.Dataset.Repo+"/resolve", v.Pin, p.Path)
	} else {
		r.what, r.address, r.tag = l.String(), l.URL, tagOf(v.Pin)
	}
	return File{Name: r.what, Size: p.Size, ReaderAt: r}
}

// look asks the server for a version: the one of a pin, or without one that of
// now, and keeps what it learns.
func (c *Client) look(ctx context.Context, l Location, pin string) (v version, err error) {
	if l.Dataset != nil {
		v, err = c.lookHub(ctx, l.Dataset, pin)
	} else {
		v, err = c.lookWeb(ctx, l, pin)
	}
	if err != nil {
		return v, err
	}
	v.Location, v.Seen = l.String(), time.Now().UTC().Truncate(time.Second)
	text, err := json.Marshal(v)
	if err != nil {
		return v, err
	}
	for _, name := range []string{c.versionPath(l, v.Pin), c.versionPath(l, "")} {
		if name == c.versionPath(l, "") && pin != "" {
			continue // it may be an old one
		}
		if err := writeWhole(name, text); err != nil {
			return v, fmt.Errorf("what is known of %s cannot be kept: %w", l, err)
		}
	}
	return v, nil
}

func (c *Client) versionPath(l Location, pin string) string {
	name := l.URL
	if l.Dataset != nil {
		name = l.Dataset.String()
	}
	return c.path("versions", nameOf(c.hub.String(), name, pin)+".json")
}

// recall returns a version that was kept; without a pin the last one of all.
func (c *Client) recall(l Location, pin string) (v version, ok bool) {
	text, err := os.ReadFile(c.versionPath(l, pin))
	if err != nil || json.Unmarshal(text, &v) != nil || v.Pin == "" || len(v.Files) == 0 {
		return version{}, false
	}
	return v, true
}

// lookWeb asks for the first byte of a file, for what comes with it.
func (c *Client) lookWeb(ctx context.Context, l Location, pin string) (version, error) {
	resp, _, err := c.get(ctx, l.String(), l.URL, http.Header{"Range": {"bytes=0-0"}}, http.StatusPartialContent, http.StatusOK, http.StatusRequestedRangeNotSatisfiable)
	if err != nil {
		return version{}, err
	}
	defer resp.Body.Close()
	size := resp.ContentLength
	if resp.StatusCode != http.StatusOK {
		var ok bool
		if _, size, ok = contentRange(resp); !ok {
			size = -1
		}
	}
	if size < 0 {
		return version{}, fmt.Errorf("%s: the server does not tell how large it is: download it, and name the file", l)
	}
	now := ""
	switch tag, date := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified"); {
	case tag != "":
		now = tagPin + tag
	case date != "":
		now = fmt.Sprintf("modified %s, %d bytes", date, size)
	default:
		return version{}, fmt.Errorf("%s: the server gives neither ETag nor date, so a change could not be noticed: download it, and name the file", l)
	}
	if pin != "" && now != pin {
		return version{}, fmt.Errorf("%s has changed on the server: `isf build --refresh` takes it as it is now", l)
	}
	return version{Pin: now, Files: []part{{Size: size, ID: now}}}, nil
}

// tagPin begins a pin that is an ETag.
const tagPin = "etag "

func tagOf(pin string) string {
	if len(pin) > len(tagPin) && pin[:len(tagPin)] == tagPin {
		return pin[len(tagPin):]
	}
	return ""
}

// maxAnswer bounds an answer of an interface: a page of a listing has 1,000
// files at 300 bytes.
const maxAnswer = 16 << 20

func decode(body io.Reader, v any) error {
	return json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(v)
}
