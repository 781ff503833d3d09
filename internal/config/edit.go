package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// SetRelease returns the text of isf.yaml with identity.release_version set,
// and every other byte as it was: comments, order, quotes and line ends. The
// result has been read back; where a file is written in a way that cannot be
// edited so, the error says what to write by hand.
func SetRelease(text []byte, version string) ([]byte, error) {
	e := &editor{text: string(text), end: "\n"}
	if strings.Contains(e.text, "\r\n") {
		e.end = "\r\n"
	}
	var doc yaml.Node
	if err := yaml.Load(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", FileName, err)
	}
	out := []byte(e.setRelease(doc.Content[0], version))
	if !sameBut(text, out, version) {
		return nil, fmt.Errorf("%s is written in a way that cannot be edited safely; set identity.release_version to %s by hand", FileName, version)
	}
	return out, nil
}

// An editor replaces pieces of a YAML text by the positions of its nodes.
type editor struct {
	text string
	end  string // how lines end
}

const releaseKey = "release_version"

func (e *editor) setRelease(top *yaml.Node, version string) string {
	identity := child(top, "identity")
	switch {
	case identity == nil:
		return e.addKey(top, "identity", "{"+releaseKey+": "+version+"}")
	case IsNull(identity):
		return e.replace(identity, "{"+releaseKey+": "+version+"}")
	}
	if identity.Kind == yaml.AliasNode {
		identity = identity.Alias
	}
	if value := child(identity, releaseKey); value != nil {
		return e.replace(value, version)
	}
	return e.addKey(identity, releaseKey, version)
}

// child returns the value of a key that the mapping itself has.
func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// offset returns where a node begins, in bytes.
func (e *editor) offset(n *yaml.Node) int {
	at := 0
	for range n.Line - 1 {
		at += strings.IndexByte(e.text[at:], '\n') + 1
	}
	column := 1
	for i := range e.text[at:] {
		if column == n.Column {
			return at + i
		}
		column++
	}
	return len(e.text)
}

// replace puts a value in the place of a scalar, in the quotes that it had.
func (e *editor) replace(n *yaml.Node, value string) string {
	at := e.offset(n)
	old := n.Value
	switch {
	case n.Kind == yaml.AliasNode:
		old = "*" + n.Value
	case n.Style&yaml.SingleQuotedStyle != 0:
		old, value = "'"+n.Value+"'", "'"+value+"'"
	case n.Style&yaml.DoubleQuotedStyle != 0:
		old, value = `"`+n.Value+`"`, `"`+value+`"`
	case old == "": // nothing stands there; the node is at its colon, or behind
		if i := strings.LastIndexByte(e.text[:at], ':'); i >= 0 && strings.TrimSpace(e.text[i+1:at]) == "" {
			at = i + 1
		} else if strings.HasPrefix(e.text[at:], ":") {
			at++
		}
		value = " " + value
	}
	if !strings.HasPrefix(e.text[at:], old) {
		return e.text // reading it back will tell
	}
	return e.text[:at] + value + e.text[at+len(old):]
}

// addKey adds a first key to a mapping, or to the end of a file that is one.
func (e *editor) addKey(n *yaml.Node, key, value string) string {
	at := e.offset(n)
	if n.Style&yaml.FlowStyle != 0 {
		sep := ", "
		if len(n.Content) == 0 {
			sep = ""
		}
		open := at + strings.IndexByte(e.text[at:], '{') + 1
		return e.text[:open] + key + ": " + value + sep + e.text[open:]
	}
	if key == releaseKey {
		if prefix := child(n, "prefix"); prefix != nil && prefix.Kind == yaml.ScalarNode {
			at = e.lineAfter(e.offset(prefix))
		} else {
			at = e.offset(n.Content[0])
			at = strings.LastIndexByte(e.text[:at], '\n') + 1
		}
		return e.insert(at, strings.Repeat(" ", n.Content[0].Column-1)+key+": "+value)
	}
	return e.insert(len(e.text), key+": "+value)
}

// lineAfter returns where the line after the one at a place begins.
func (e *editor) lineAfter(at int) int {
	i := strings.IndexByte(e.text[at:], '\n')
	if i < 0 {
		return len(e.text)
	}
	return at + i + 1
}

// insert puts a line at the beginning of another one, or at the end.
func (e *editor) insert(at int, line string) string {
	before := e.text[:at]
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += e.end
	}
	return before + line + e.end + e.text[at:]
}

// sameBut tells whether two texts differ in identity.release_version only,
// which the second one has.
func sameBut(before, after []byte, version string) bool {
	a, _, err := withoutRelease(before)
	b, found, err2 := withoutRelease(after)
	return errors.Join(err, err2) == nil && found == version && reflect.DeepEqual(a, b)
}

// withoutRelease reads a text and takes the release version out.
func withoutRelease(text []byte) (all map[string]any, version any, err error) {
	err = yaml.Load(bytes.TrimSpace(text), &all)
	if identity, ok := all["identity"].(map[string]any); ok {
		version = identity[releaseKey]
		delete(identity, releaseKey)
		if len(identity) == 0 {
			delete(all, "identity")
		}
	} else if all["identity"] == nil {
		delete(all, "identity")
	}
	if len(all) == 0 {
		all = nil
	}
	return all, version, err
}
