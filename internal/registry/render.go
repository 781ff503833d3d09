package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/near"
	"github.com/identity-shaping/isf/internal/prompts"
)

// A document is a Markdown file that describes the identity.
type document struct{ name, path, content string }

// documents returns all *.md files of the identity's folder, sorted by path,
// part by part: artifacts/foo before artifacts-old.
func (r *Registry) documents(files *os.Root) ([]document, error) {
	dir := r.cfg.Prompts.IdentityDir
	var docs []document
	err := fs.WalkDir(files.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return nil // an identity without documents
		}
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		if info, err := files.Stat(name); err == nil && info.IsDir() {
			return nil // a link to a folder
		}
		text, err := readText(files, name)
		short := strings.TrimSuffix(strings.TrimPrefix(name, dir+"/"), ".md")
		docs = append(docs, document{short, name, text})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the identity documents: %w", err)
	}
	slices.SortFunc(docs, func(a, b document) int {
		return slices.Compare(strings.Split(a.path, "/"), strings.Split(b.path, "/"))
	})
	return docs, nil
}

// context returns the variables of a variant's template.
func (r *Registry) context(docs []document, v config.Variant) map[string]any {
	project, byName := prompts.NewMap(), prompts.NewMap()
	project.Set("name", r.cfg.Project.Name)
	list := make([]any, len(docs))
	ctx := map[string]any{"project": project, "version": devVersion, "docs": byName, "identity_docs": list}
	for i, d := range docs {
		doc := prompts.NewMap()
		doc.Set("name", d.name)
		doc.Set("path", d.path)
		doc.Set("content", d.content)
		list[i] = doc
		byName.Set(d.name, d.content)
		if !strings.Contains(d.name, "/") {
			ctx[strings.ToUpper(d.name)] = d.content
		}
	}
	for name, value := range v.Context {
		ctx[name] = value
	}
	ctx["variant"] = v.Name
	return ctx
}

// engine opens the templates folder.
func (r *Registry) engine() (*prompts.Engine, error) {
	return prompts.New(filepath.Join(r.root, filepath.FromSlash(r.cfg.Prompts.TemplatesDir)))
}

func (r *Registry) renderDev(files *os.Root, v config.Variant) (string, error) {
	docs, err := r.documents(files)
	if err != nil {
		return "", err
	}
	e, err := r.engine()
	if err != nil {
		return "", err
	}
	defer e.Close()
	text, err := e.Render(v.Template, r.context(docs, v))
	if err != nil {
		return "", fmt.Errorf("render variant %s: %s/%w", v.Name, r.cfg.Prompts.TemplatesDir, err)
	}
	return text, nil
}

// RenderDev renders the variant's dev prompt from the files as they are now.
func (r *Registry) RenderDev(variant string) (string, error) {
	v, err := r.variant(variant)
	if err != nil {
		return "", err
	}
	files, err := os.OpenRoot(r.root)
	if err != nil {
		return "", fmt.Errorf("open the project: %w", err)
	}
	defer files.Close()
	return r.renderDev(files, v)
}

// Variants returns the identity's variants in the order of isf.yaml.
func (r *Registry) Variants() []string {
	names := make([]string, len(r.cfg.Identity.Variants))
	for i, v := range r.cfg.Identity.Variants {
		names[i] = v.Name
	}
	return names
}

func (r *Registry) variant(name string) (config.Variant, error) {
	for _, v := range r.cfg.Identity.Variants {
		if v.Name == name {
			return v, nil
		}
	}
	known := r.Variants()
	if best := near.Best(name, known); best != "" {
		return config.Variant{}, fmt.Errorf("there is no variant %q; did you mean %q?", name, best)
	}
	return config.Variant{}, fmt.Errorf("there is no variant %q; variants are %s", name, strings.Join(known, ", "))
}

// Inputs are what a dev prompt is made from.
type Inputs struct {
	Documents string         // folder of the identity documents, relative to the root
	Templates []string       // template files, relative to the root; the variant's own first
	Context   map[string]any // what isf.yaml adds: project name, variant and its context
	Output    string         // path of the rendered prompt, relative to the root
}

// Inputs returns what the variant's dev prompt is made from. A template that
// is missing or does not parse is listed alone: that it cannot be rendered is
// told by RenderDev.
func (r *Registry) Inputs(variant string) (Inputs, error) {
	v, err := r.variant(variant)
	if err != nil {
		return Inputs{}, err
	}
	in := Inputs{
		Documents: r.cfg.Prompts.IdentityDir,
		Context:   map[string]any{"project": r.cfg.Project.Name, "variant": v.Name, "context": v.Context},
		Output:    r.promptPath(devVersion, v.Name),
	}
	e, err := r.engine()
	if err != nil {
		return Inputs{}, err
	}
	defer e.Close()
	names, err := e.Files(v.Template)
	if err != nil {
		names = []string{v.Template}
	}
	for _, name := range names {
		in.Templates = append(in.Templates, path.Join(r.cfg.Prompts.TemplatesDir, name))
	}
	return in, nil
}
