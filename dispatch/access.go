package dispatch

import "net/url"

// A KeyState says what would be sent to open the door.
type KeyState string

const (
	KeySet     KeyState = "set"
	KeyMissing KeyState = "missing" // it is needed, and the environment does not hold it
	KeyNone    KeyState = "none"    // none is sent: none is needed, or none belongs to the host
)

// An Access is where a model is asked and whether it can be. Nothing is sent to find out.
type Access struct {
	Hosts   []string // with their ports; none for the model in this process
	KeyEnv  string   // the variable that holds the key, "" where none is sent
	Key     KeyState
	Problem string // why it cannot be asked, "" if it can
}

// AccessTo looks at how m would be asked.
func AccessTo(m *Model, getenv func(string) string) Access {
	ends, fatal := endpoints(m, getenv)
	if fatal != nil && fatal.Type == "missing_key" {
		return Access{KeyEnv: keyVariable(m), Key: KeyMissing, Problem: fatal.Message}
	}
	a := Access{Key: KeyNone}
	if fatal != nil {
		a.Problem = fatal.Message
		return a
	}
	for _, e := range ends {
		if u, err := url.Parse(e.base); err == nil && !e.sim {
			a.Hosts = append(a.Hosts, u.Host)
		}
		if e.key != "" {
			a.KeyEnv, a.Key = e.keyEnv, KeySet
		}
	}
	return a
}

// keyVariable is the variable that the model's key comes from, "" if there is none.
func keyVariable(m *Model) string {
	if m.APIKeyEnv != "" {
		return m.APIKeyEnv
	}
	return m.row().KeyEnv
}
