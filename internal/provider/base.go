package provider

import (
	"errors"
	"fmt"
	"net/url"
)

// ParseBase reads the URL that an API stands under. Its errors go on where
// somebody named the URL, and repeat nothing that may be a secret.
func ParseBase(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return nil, errors.New("is not of the form https://host/path")
	case u.User != nil:
		return nil, fmt.Errorf("holds a password for %s: put it in .env, and name it with api_key_env", u.Host)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("at %s goes on behind a ? or #: leave that out", u.Host)
	}
	return u, nil
}
