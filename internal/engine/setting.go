package engine

import (
	"errors"
	"fmt"
	"strconv"
)

// A runSetting says how a pipeline runs, and is no input of what it makes: isf.yaml
// and --set give it like a parameter, and no target becomes stale by it. A
// parameter of the author's with the same name comes first.
type runSetting struct {
	name string
	set  func(p *Pipeline, value string) error
}

var runSettings = []runSetting{
	{"max_error_rate", func(p *Pipeline, value string) error {
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || !(rate >= 0 && rate <= 1) {
			return errors.New("it is a share from 0 to 1, as 0.1 is one")
		}
		p.MaxErrorRate = rate
		return nil
	}},
	{"workers", func(p *Pipeline, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return errors.New("it is a number of requests in flight, 1 or more")
		}
		p.Workers = n
		return nil
	}},
}

// setSetting sets a setting, if there is one of this name. value is JSON.
func (p *Pipeline) setSetting(name string, value []byte) (known bool, err error) {
	for _, s := range runSettings {
		if s.name != name {
			continue
		}
		if err := s.set(p, string(value)); err != nil {
			return true, fmt.Errorf("setting %q of pipeline %q cannot be %s: %w", name, p.Name, value, err)
		}
		return true, nil
	}
	return false, nil
}
