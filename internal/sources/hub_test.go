package sources

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/identity-shaping/isf/internal/sources/hubtest"
)

const (
	repoName = "someone/prompts"
	address  = "hf://datasets/someone/prompts/default/train"
)

// A reader is a client of a test's hub.
type reader struct {
	*testing.T
	hub    *hubtest.Hub
	dir    string
	env    map[string]string
	said   []string
	waited []time.Duration
}

func newReader(t *testing.T) *reader {
	hub := hubtest.New()
	t.Cleanup(hub.Close)
	return &reader{T: t, hub: hub, dir: t.TempDir(), env: map[string]string{"HF_ENDPOINT": hub.URL}}
}

// client is a new one, as a new process has it.
func (r *reader) client(offline bool) *Client {
	r.Helper()
	c, err := NewClient(Options{Dir: r.dir, Offline: offline, Getenv: func(k string) string { return r.env[k] }, Log: func(s string) { r.said = append(r.said, s) }})
	if err != nil {
		r.Fatal(err)
	}
	c.wait = func(_ context.Context, d time.Duration) error { r.waited = append(r.waited, d); return nil }
	r.Cleanup(c.Close)
	return c
}

// read reads an address as it is now.
func (r *reader) read(address string, q Query) ([]prompt, string, error) {
	return r.readWith(r.client(false), address, "", q)
}

func (r *reader) readWith(c *Client, address, pin string, q Query) ([]prompt, string, error) {
	ctx := context.Background()
	l, err := Parse(address)
	if err == nil && pin == "" {
		pin, err = c.Pin(ctx, l)
	}
	if err != nil {
		return nil, pin, err
	}
	files, done, err := c.Open(ctx, l, pin)
	if err != nil {
		return nil, pin, err
	}
	defer done()
	rows, err := tryCollect[prompt](q, files...)
	return rows, pin, err
}

func (r *reader) must(address string, q Query) ([]prompt, string) {
	r.Helper()
	rows, pin, err := r.read(address, q)
	if err != nil {
		r.Fatal(err)
	}
	return rows, pin
}

func (r *reader) parquet(rows []prompt) []byte { return parquetOf(r.T, rows, 1000) }

func TestHubReadsASplitAtTheCommitOfItsBranch(t *testing.T) {
	r := newReader(t)
	rows := prompts(50)
	sha := r.hub.Commit(repoName, "main", map[string][]byte{
		"README.md":                         []byte("# Prompts\n"),
		"data/train-00000-of-00002.parquet": r.parquet(rows[:20]),
		"data/train-00001-of-00002.parquet": r.parquet(rows[20:]),
		"data/test-00000-of-00001.parquet":  r.parquet(rows[:1]),
	})
	got, pin := r.must(address, Query{})
	if pin != sha || !reflect.DeepEqual(got, rows) {
		t.Errorf("got %d rows at %s, want %d at %s", len(got), pin, len(rows), sha)
	}
}

func TestSplitsAreFound(t *testing.T) {
	one := func(r *reader) []byte { return r.parquet(prompts(1)) }
	for _, tt := range []struct {
		name, address string
		files         func(r *reader) map[string][]byte
		want          string // path, or part of the error
	}{
		{"at the root", address, func(r *reader) map[string][]byte {
			return map[string][]byte{"train.jsonl": []byte("{}\n"), "test.jsonl": []byte("{}\n")}
		}, "train.jsonl"},
		{"parquet before csv", address, func(r *reader) map[string][]byte {
			return map[string][]byte{"data/train-0.csv": []byte("id\n"), "data/train-0.parquet": one(r)}
		}, "data/train-0.parquet"},
		{"of a config", "hf://datasets/someone/prompts/en/test", func(r *reader) map[string][]byte {
			return map[string][]byte{"en/train-0.parquet": one(r), "en/test-0.parquet": one(r), "de/test-0.parquet": one(r)}
		}, "en/test-0.parquet"},
		{"where the readme says", "hf://datasets/someone/prompts/rated/train", func(r *reader) map[string][]byte {
			return map[string][]byte{
				"README.md":             []byte("---\nlicense: odc-by\nconfigs:\n- config_name: raw\n  data_files: raw/*.parquet\n- config_name: rated\n  data_files:\n  - split: train\n    path: [\"v2/**/part-*\"]\n  - split: test\n    path: v2/test/*\n---\n# Prompts\n"),
				"raw/0.parquet":         one(r),
				"v2/a/b/part-0.parquet": one(r),
				"v2/test/0.parquet":     one(r),
			}
		}, "v2/a/b/part-0.parquet"},
		{"of a readme without splits", "hf://datasets/someone/prompts/raw/train", func(r *reader) map[string][]byte {
			return map[string][]byte{"README.md": []byte("---\nconfigs:\n- config_name: raw\n  data_files: \"raw/*.parquet\"\n---\n"), "raw/0.parquet": one(r)}
		}, "raw/0.parquet"},
		{"nowhere", "hf://datasets/someone/prompts/default/dev", func(r *reader) map[string][]byte {
			return map[string][]byte{"data/train-0.parquet": one(r)}
		}, `no files belong to split "dev" of config "default"; there are data/train-0.parquet`},
		{"in no format", address, func(*reader) map[string][]byte { return map[string][]byte{"train.tar": nil} }, "has no .jsonl"},
	} {
		r := newReader(t)
		r.hub.Commit(repoName, "main", tt.files(r))
		l, err := Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		v, err := r.client(false).look(context.Background(), l, "")
		if err != nil {
			got = err.Error()
		} else {
			got = v.Files[0].Path
		}
		if !strings.Contains(got, tt.want) || (err == nil && len(v.Files) != 1) {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestDatasetWithoutOwnFilesIsReadFromTheConvertedBranch(t *testing.T) {
	r := newReader(t)
	r.hub.Commit(repoName, "main", map[string][]byte{"train.tar": nil})
	sha := r.hub.Commit(repoName, converted, map[string][]byte{"default/train/0000.parquet": r.parquet(prompts(5))})
	got, pin := r.must(address, Query{})
	if len(got) != 5 || pin != sha {
		t.Errorf("got %d rows at %s, want 5 at %s", len(got), pin, sha)
	}
	if again, _, err := r.readWith(r.client(false), address, pin, Query{}); err != nil || len(again) != 5 {
		t.Errorf("the pin alone: got %d rows, %v", len(again), err)
	}
}

// What a manifest recorded is what is read, wherever the branch is by now, also
// by somebody who never saw it before.
func TestPinOutlivesItsBranch(t *testing.T) {
	r := newReader(t)
	r.hub.Fail(hubtest.Faults{SmallPages: true})
	old := r.hub.Commit(repoName, "main", map[string][]byte{"a": nil, "b": nil, "data/train-0.parquet": r.parquet(prompts(5))})
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": r.parquet(prompts(9))})
	if got, _, err := r.readWith(r.client(false), address, old, Query{}); err != nil || len(got) != 5 {
		t.Errorf("at the old commit: got %d rows, %v", len(got), err)
	}
	if got, _ := r.must(address, Query{}); len(got) != 9 {
		t.Errorf("on the branch: got %d rows, want 9", len(got))
	}
	if got, pin := r.must("hf://datasets/someone/prompts@"+old+"/default/train", Query{}); len(got) != 5 || pin != old {
		t.Errorf("by its commit: got %d rows, want 5", len(got))
	}
}

func TestTokenGoesToTheHubAlone(t *testing.T) {
	r := newReader(t)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": r.parquet(prompts(5))})
	r.hub.Fail(hubtest.Faults{Token: "hf_secret"})
	if _, _, err := r.read(address, Query{}); err == nil || !strings.Contains(err.Error(), "is private: check the name, or set HF_TOKEN") {
		t.Errorf("without a token: got %v", err)
	}
	r.env["HF_TOKEN"] = "hf_wrong"
	if _, _, err := r.read(address, Query{}); err == nil || !strings.Contains(err.Error(), "HF_TOKEN is not valid") || strings.Contains(err.Error(), "hf_wrong") {
		t.Errorf("with a wrong token: got %v", err)
	}
	r.env["HF_TOKEN"] = "hf_secret"
	if got, _ := r.must(address, Query{}); len(got) != 5 {
		t.Errorf("with the token: got %d rows, want 5", len(got))
	}
	if leaked := r.hub.Reset().Leaked; leaked != 0 {
		t.Errorf("the token went to the host of the files %d times", leaked)
	}
	_ = filepath.WalkDir(r.dir, func(path string, d os.DirEntry, err error) error {
		if text, _ := os.ReadFile(path); strings.Contains(string(text), "hf_secret") || strings.Contains(string(text), "secret1") {
			t.Errorf("%s holds the token or a signature", path)
		}
		return err
	})
}

func TestPlainHTTPGetsNoToken(t *testing.T) {
	c, err := NewClient(Options{Getenv: func(k string) string {
		return map[string]string{"HF_ENDPOINT": "http://mirror.example", "HF_TOKEN": "hf_secret"}[k]
	}})
	if err != nil {
		t.Fatal(err)
	}
	if c.trusts(c.hub) {
		t.Error("the token would go over plain HTTP")
	}
}

func TestSignedAddressesExpire(t *testing.T) {
	r := newReader(t)
	rows := noisy(3000)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": parquetOf(t, rows, 500)})
	r.hub.Fail(hubtest.Faults{Uses: 2})
	got, _ := r.must(address, Query{})
	if len(got) != len(rows) {
		t.Errorf("got %d rows, want %d", len(got), len(rows))
	}
	if tally := r.hub.Reset(); tally.Signatures < 2 || tally.Leaked > 0 {
		t.Errorf("got %+v, want several signatures", tally)
	}
}

func noisy(n int) []prompt {
	rows := make([]prompt, n)
	for i := range rows {
		score := i * 5 / n
		rows[i] = prompt{ID: string(rune('a'+i%26)) + noise(i, 11), Prompt: noise(i, 400), Score: &score}
	}
	return rows
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	r := newReader(t)
	data := parquetOf(t, noisy(2000), 500)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": data})
	r.hub.Fail(hubtest.Faults{Busy: 2, Broken: 2})
	if got, _ := r.must(address, Query{}); len(got) != 2000 {
		t.Errorf("got %d rows, want 2000", len(got))
	}
	if len(r.waited) != 4 || r.waited[0] != 3*time.Second {
		t.Errorf("waited %v, want four times, first the 3s that were asked for", r.waited)
	}
	r.dir = t.TempDir()
	r.hub.Reset()
	r.hub.Fail(hubtest.Faults{CutAfter: 100_000, Cuts: 4})
	if got, _ := r.must(address, Query{}); len(got) != 2000 {
		t.Errorf("with broken connections: got %d rows, want 2000", len(got))
	}
	if sent := r.hub.Reset().Bytes; sent > int64(len(data))+4*blockSize+100_000 {
		t.Errorf("%d bytes were sent of a file of %d: what had come came again", sent, len(data))
	}
	r.dir = t.TempDir()
	r.hub.Fail(hubtest.Faults{Broken: 100})
	_, _, err := r.read(address, Query{})
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "answers 503") {
		t.Errorf("a broken hub: got %v", err)
	}
}

func TestRefusalsAreSentences(t *testing.T) {
	r := newReader(t)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": r.parquet(prompts(5))})
	for _, tt := range []struct {
		name, address string
		faults        hubtest.Faults
		want          string
	}{
		{"gated", address, hubtest.Faults{Gated: true}, "is gated: accept its terms"},
		{"no dataset", "hf://datasets/someone/else/default/train", hubtest.Faults{}, "does not exist on 127.0.0.1"},
		{"no revision", "hf://datasets/someone/prompts@v9/default/train", hubtest.Faults{}, "hf://datasets/someone/prompts@v9: there is no such branch, tag or commit"},
	} {
		r.hub.Fail(tt.faults)
		if _, _, err := r.read(tt.address, Query{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestServerThatRefusesRangesIsReadWholeOnce(t *testing.T) {
	r := newReader(t)
	data := parquetOf(t, noisy(2000), 500)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": data})
	r.hub.Fail(hubtest.Faults{Whole: true})
	if got, _ := r.must(address, Query{}); len(got) != 2000 {
		t.Errorf("got %d rows, want 2000", len(got))
	}
	if sent := r.hub.Reset().Bytes; sent != int64(len(data)) {
		t.Errorf("%d bytes were sent, want the file's %d", sent, len(data))
	}
	if len(r.said) != 1 || !strings.Contains(r.said[0], "sends no parts of files") {
		t.Errorf("said %q", r.said)
	}
}

// The claim: a selective look into 40 MB costs under one.
func TestSelectiveFilterReadsLittleOfALargeFile(t *testing.T) {
	r := newReader(t)
	rows := make([]prompt, 20_000)
	for i := range rows {
		score := i % 4
		if i%7001 == 7000 {
			score = 5
		}
		rows[i] = prompt{ID: "p-" + noise(i, 16), Prompt: noise(i, 2000), Score: &score}
	}
	data := parquetOf(t, rows, 2500, parquet.PageBufferSize(32<<10))
	if len(data) < 40_000_000 {
		t.Fatalf("the file has %d bytes, which is too small for the claim", len(data))
	}
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": data})
	for _, tt := range []struct {
		name string
		q    Query
		want int
	}{
		{"rare score", Query{Where: []Cond{{"score", ">=", 4}}}, 2},
		{"no such score", Query{Where: []Cond{{"score", ">", 5}}}, 0},
		{"one id", Query{Where: []Cond{{"id", "==", rows[12_345].ID}, {"score", "==", 12_345 % 4}}}, 1},
	} {
		r.dir = t.TempDir()
		got, _ := r.must(address, tt.q)
		tally := r.hub.Reset()
		t.Logf("%s: %d rows of %d bytes for %d bytes in %d requests", tt.name, len(got), len(data), tally.Bytes, tally.Requests)
		if len(got) != tt.want || tally.Bytes >= 1_000_000 {
			t.Errorf("%s: got %d rows for %d bytes, want %d for less than 1 MB", tt.name, len(got), tally.Bytes, tt.want)
		}
		for _, p := range got {
			if !strings.HasPrefix(p.ID, "p-") || len(p.Prompt) != 2000 {
				t.Errorf("%s: got %+v", tt.name, p)
			}
		}
	}
}

func TestWhatWasReadIsReadWithoutTheServer(t *testing.T) {
	r := newReader(t)
	rows := noisy(1500)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": parquetOf(t, rows, 500)})
	if _, _, err := r.readWith(r.client(true), address, "", Query{}); !errors.Is(err, ErrOffline) || !strings.Contains(err.Error(), "was never read here") {
		t.Errorf("offline before: got %v", err)
	}
	some := Query{Where: []Cond{{"score", "==", 0}}}
	got, pin := r.must(address, some)
	r.hub.Reset()
	if again, _, err := r.readWith(r.client(true), address, "", some); err != nil || ids(again) != ids(got) {
		t.Errorf("offline after: got %d rows, want %d, %v", len(again), len(got), err)
	}
	if _, _, err := r.readWith(r.client(true), address, pin, Query{}); !errors.Is(err, ErrOffline) || !strings.Contains(err.Error(), "was not read whole") {
		t.Errorf("offline, more than was read: got %v", err)
	}
	if again, _, err := r.readWith(r.client(false), address, pin, some); err != nil || ids(again) != ids(got) {
		t.Errorf("again: got %d rows, %v", len(again), err)
	}
	if tally := r.hub.Reset(); tally.Requests != 0 {
		t.Errorf("%d requests were sent for what is here", tally.Requests)
	}
	r.hub.Fail(hubtest.Faults{Broken: 100})
	if again, at, err := r.read(address, some); err != nil || at != pin || ids(again) != ids(got) {
		t.Errorf("while the hub is down: got %d rows at %s, %v", len(again), at, err)
	}
	if len(r.said) != 1 || !strings.Contains(r.said[0], "taking it as it was on 20") {
		t.Errorf("said %q", r.said)
	}
}

func TestDamagedBlocksAreFetchedAgain(t *testing.T) {
	r := newReader(t)
	rows := noisy(1500)
	r.hub.Commit(repoName, "main", map[string][]byte{"data/train-0.parquet": parquetOf(t, rows, 500)})
	want, _ := r.must(address, Query{})
	for _, damage := range []func(data, blocks string) error{
		func(data, _ string) error { return overwrite(data, 100_000, "damage") },
		func(data, _ string) error { return os.Truncate(data, 1000) },
		func(_, blocks string) error { return os.Truncate(blocks, 50) },
		func(_, blocks string) error { return overwrite(blocks, 30, "damage") },
		func(data, _ string) error { return os.Remove(data) },
	} {
		found, err := filepath.Glob(filepath.Join(r.dir, "files", "*", "data"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if err := damage(found[0], filepath.Join(filepath.Dir(found[0]), "blocks")); err != nil {
			t.Fatal(err)
		}
		if got, _ := r.must(address, Query{}); ids(got) != ids(want) {
			t.Errorf("got other rows after damage")
		}
	}
}

func overwrite(path string, at int64, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt([]byte(text), at)
	return err
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"data/prompts.jsonl":                             `{"Path":"data/prompts.jsonl","URL":"","Dataset":null}`,
		"https://example.org/a/b.csv?sig=1":              `{"Path":"","URL":"https://example.org/a/b.csv?sig=1","Dataset":null}`,
		"hf://datasets/o/n/default/train":                `{"Path":"","URL":"","Dataset":{"Repo":"o/n","Revision":"","Config":"default","Split":"train"}}`,
		"hf://datasets/o/n@refs/convert/parquet/en/test": `{"Path":"","URL":"","Dataset":{"Repo":"o/n","Revision":"refs/convert/parquet","Config":"en","Split":"test"}}`,
		"hf://datasets/o/n":                              "write a dataset of the hub as hf://datasets/OWNER/NAME[@REVISION]/CONFIG/SPLIT",
		"hf://datasets/o/../default/train":               "write a dataset of the hub as",
		"hf://models/o/n/default/train":                  "write a dataset of the hub as",
		"s3://bucket/a.csv":                              "rows are read from a path in the project",
		"https://user:password@example.org/a.csv":        "holds a password",
		"https://example.org/page":                       "rows are read from .jsonl",
	} {
		l, err := Parse(text)
		got, _ := json.Marshal(l)
		if err != nil {
			got = []byte(err.Error())
		}
		if err == nil && string(got) != want || !strings.Contains(string(got), want) {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
