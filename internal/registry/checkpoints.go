package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/identity-shaping/isf/internal/config"
)

// logsDir holds a folder for each training run.
const logsDir = "training/logs"

// What a run is when its files do not say.
const (
	tinker          = "tinker"
	defaultRenderer = "qwen3"
	localProvider   = "local"
)

// A trainConfig is the part of train-config.json that names models.
type trainConfig struct {
	BaseModel string `json:"base_model"`
	Backend   string `json:"backend"`
	Options   struct {
		Registry *served `json:"registry"`
	} `json:"backend_options"`
}

// A served model is a trained one that runs behind an API of its own.
type served struct {
	Provider    string   `json:"provider"`
	Model       string   `json:"model"`
	Temperature *float64 `json:"temperature"`
}

// addCheckpoints adds the models that training runs left. They have no system
// prompt: it is trained in.
func (r *Registry) addCheckpoints(files *os.Root) error {
	runs, err := readDir(files, logsDir)
	if err != nil {
		return fmt.Errorf("read the training runs: %w", err)
	}
	for _, run := range runs {
		if !run.IsDir() {
			continue
		}
		if err := r.addRun(files, path.Join(logsDir, run.Name()), strings.ToLower(run.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) addRun(files *os.Root, dir, name string) error {
	checkpoints, err := readOptional(files, path.Join(dir, "checkpoints.jsonl"))
	if err != nil || checkpoints == nil {
		return err
	}
	var c trainConfig
	if err := readJSON(files, path.Join(dir, "train-config.json"), &c); err != nil || c.BaseModel == "" {
		return err
	}
	if c.Backend == "" || c.Backend == tinker {
		return r.addTinker(files, dir, name, c.BaseModel, checkpoints)
	}
	return r.addServed(files, dir, name, c)
}

// addServed adds the model of a run whose weights somebody serves, if its
// files say under which name.
func (r *Registry) addServed(files *os.Root, dir, name string, c trainConfig) error {
	s := c.Options.Registry
	if s == nil {
		var artifacts struct {
			Registry *served `json:"registry"`
		}
		if err := readJSON(files, path.Join(dir, "artifacts.json"), &artifacts); err != nil {
			return err
		}
		s = artifacts.Registry
	}
	if s == nil || s.Model == "" {
		return nil
	}
	if s.Provider == "" {
		s.Provider = localProvider
	}
	r.addTrained(name, s.Provider, s.Model, s.Temperature)
	return nil
}

func (r *Registry) addTinker(files *os.Root, dir, name, base string, checkpoints []byte) error {
	var run struct {
		Builder struct {
			Common struct {
				Renderer string `json:"renderer_name"`
			} `json:"common_config"`
		} `json:"dataset_builder"`
	}
	if err := readJSON(files, path.Join(dir, "config.json"), &run); err != nil {
		return err
	}
	renderer := run.Builder.Common.Renderer
	if renderer == "" {
		renderer = defaultRenderer
	}
	for i, line := range bytes.Split(checkpoints, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var c struct {
			Name    string `json:"name"`
			Sampler string `json:"sampler_path"`
		}
		if err := json.Unmarshal(line, &c); err != nil {
			if i == bytes.Count(checkpoints, []byte("\n")) {
				continue // a run that goes on is writing its last line
			}
			return fmt.Errorf("%s/checkpoints.jsonl:%d: %w", dir, i+1, err)
		}
		if c.Name == "" || c.Sampler == "" {
			continue // saved to go on training from, not to sample from
		}
		model := name
		if c.Name != "final" {
			model += "-" + c.Name
		}
		r.addTrained(model, tinker, base+"::"+renderer+"::"+c.Sampler, nil)
	}
	return nil
}

// addTrained adds a trained model; its temperature is the identity's unless
// the run says another.
func (r *Registry) addTrained(name, provider, id string, temperature *float64) {
	if temperature == nil {
		temperature = r.cfg.Identity.Base.Temperature
	}
	c := r.cfg.Complete(config.Model{Name: name, Provider: provider, ID: id, Temperature: temperature})
	r.add(Model{Name: name, Provider: provider, ID: id, Temperature: temperature, Config: c})
}

// readOptional reads a file; nil if it is not there, which an empty one is not.
func readOptional(files *os.Root, name string) ([]byte, error) {
	text, err := files.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return text, nil
}

// readJSON reads a file into v; one that is not there leaves v alone.
func readJSON(files *os.Root, name string, v any) error {
	text, err := readOptional(files, name)
	if err != nil || text == nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
