package code

import (
	"encoding/json"
	"go/build"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Answers remembers results of Of, so that nothing is parsed while no source
// changed. They are for one state of the sources: others replace them. Losing
// them costs time only. They are used by one goroutine at a time.
type Answers struct {
	kept    answersJSON
	changed bool
}

type answersJSON struct {
	Format  int               `json:"format"`
	Sources string            `json:"sources"`
	Codes   map[string]answer `json:"codes"` // by package and type

	// Checksum is over all else: a flipped bit in a hash would make its way into
	// manifests.
	Checksum string `json:"checksum,omitempty"`
}

type answer struct {
	Code
	Embeds   []embed `json:"embeds,omitempty"`
	Embedded string  `json:"embedded,omitempty"`
}

const answersFormat = 3

// ReadAnswers understands what Encode returned. Of anything else nothing is
// remembered.
func ReadAnswers(data []byte) *Answers {
	var kept answersJSON
	if err := json.Unmarshal(data, &kept); err != nil || kept.Format != answersFormat || kept.Codes == nil || kept.Checksum != kept.checksum() {
		kept = answersJSON{}
	}
	return &Answers{kept: kept}
}

// Encode returns the bytes to keep.
func (a *Answers) Encode() []byte {
	kept := a.kept
	kept.Checksum = kept.checksum()
	return append(kept.encode(), '\n')
}

func (j answersJSON) checksum() string {
	j.Checksum = ""
	return hashTexts(string(j.encode()))
}

func (j answersJSON) encode() []byte {
	data, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		panic("code: answers are strings, so: " + err.Error())
	}
	return data
}

// Changed reports whether there is something to keep that ReadAnswers was not
// given.
func (a *Answers) Changed() bool { return a.changed }

// Of returns what x.Of returns, from memory if the sources are the same.
func (a *Answers) Of(x *Index, pkgPath, typeName string) (Code, error) {
	sources, err := x.Sources()
	if err != nil {
		return Code{}, err
	}
	if a.kept.Sources != sources {
		a.kept = answersJSON{Format: answersFormat, Sources: sources, Codes: make(map[string]answer)}
		a.changed = true
	}
	name := pkgPath + "." + typeName
	if known, ok := a.kept.Codes[name]; ok && known.holds(x) {
		return known.Code, nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	code, embeds, err := x.of(pkgPath, typeName)
	if err != nil {
		return Code{}, err
	}
	embedded, err := x.embedded(embeds)
	if err != nil {
		return Code{}, err
	}
	if now, err := x.digestSources(); err != nil || now != sources {
		return code, err // edited meanwhile: true enough for now, not worth keeping
	}
	a.kept.Codes[name] = answer{code, embeds, embedded}
	a.changed = true
	return code, nil
}

// holds reports whether the embedded files are still the same; the sources are.
func (a answer) holds(x *Index) bool {
	embedded, err := x.embedded(a.Embeds)
	return err == nil && embedded == a.Embedded
}

// Sources digests everything that decides answers, embedded files aside: the
// sources, what they are built for, and the versions of the engine. It reads
// files only through Options.Digest, and once.
func (x *Index) Sources() (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var err error
	if x.sources == "" {
		x.sources, err = x.digestSources()
	}
	return x.sources, err
}

func (x *Index) digestSources() (string, error) {
	files, err := x.sourceFiles()
	if err != nil {
		return "", err
	}
	texts := []string{runtime.GOOS, runtime.GOARCH, strings.Join(build.Default.ReleaseTags, " "), strings.Join(build.Default.BuildTags, " ")}
	for _, name := range slices.Sorted(maps.Keys(x.opts.Versions)) {
		texts = append(texts, name, strconv.Itoa(x.opts.Versions[name]))
	}
	for _, file := range files {
		digest, err := x.opts.Digest(file)
		if err != nil {
			return "", err
		}
		texts = append(texts, file, digest)
	}
	for _, dir := range x.module.folders() {
		digest, err := x.folderDigest(dir)
		if err != nil {
			return "", err
		}
		texts = append(texts, dir, digest)
	}
	return hashTexts(texts...), nil
}
