package dispatch

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// media is a part that is not text. Its bytes travel with the request: what a remote URL
// shows may change, so a key that named the URL would not name the request.
type media struct{ kind, mime, base64 string }

func inline(p Part) (media, error) {
	m := media{kind: p.Kind, mime: p.MIME, base64: base64.StdEncoding.EncodeToString(p.Data)}
	if p.URL != "" {
		var err error
		if m.mime, m.base64, err = dataURL(p.URL); err != nil {
			return m, err
		}
	}
	switch {
	case m.kind != "image" && m.kind != "audio":
		return m, fmt.Errorf("kind %q is unknown; kinds are text, image and audio", m.kind)
	case m.base64 == "":
		return m, fmt.Errorf("the %s has no data", m.kind)
	case m.mime == "":
		return m, fmt.Errorf("the %s has no MIME type", m.kind)
	}
	return m, nil
}

func dataURL(url string) (mime, data string, err error) {
	rest, ok := strings.CutPrefix(url, "data:")
	if !ok {
		return "", "", errors.New("media must be inline (bytes or a data: URL): what is behind a remote URL may change")
	}
	head, data, ok := strings.Cut(rest, ",")
	mime, isBase64 := strings.CutSuffix(head, ";base64")
	if !ok || !isBase64 {
		return "", "", errors.New("the data: URL is not of the form data:TYPE;base64,…")
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return "", "", fmt.Errorf("the data: URL: %w", err)
	}
	return mime, base64.StdEncoding.EncodeToString(raw), nil
}

// tree is the field's value. The key takes long values by digest, so equal bytes are equal media.
func (m media) tree() map[string]any {
	return map[string]any{"kind": m.kind, "mime": m.mime, "data": m.base64}
}

func mediaOf(tree any) (media, error) {
	t, _ := tree.(map[string]any)
	kind, _ := t["kind"].(string)
	mime, _ := t["mime"].(string)
	data, _ := t["data"].(string)
	if kind == "" || mime == "" || data == "" {
		return media{}, errors.New("a media field is not made of kind, mime and data")
	}
	return media{kind, mime, data}, nil
}

// append writes the part as it goes over the wire.
func (m media) append(b []byte) []byte {
	if m.kind == "audio" {
		b = append(b, `{"type":"input_audio","input_audio":{"data":`...)
		b = jsontext.AppendString(b, m.base64)
		b = append(b, `,"format":`...)
		b = jsontext.AppendString(b, strings.TrimPrefix(strings.TrimPrefix(m.mime, "audio/"), "x-"))
		return append(b, `}}`...)
	}
	b = append(b, `{"type":"image_url","image_url":{"url":`...)
	b = jsontext.AppendString(b, "data:"+m.mime+";base64,"+m.base64)
	return append(b, `}}`...)
}
