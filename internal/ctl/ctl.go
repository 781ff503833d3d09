// Package ctl lets one process speak to a build that runs in another, over a
// Unix socket in a folder that only its owner can enter.
//
// A Request is one line of JSON and so is its Answer; a connection carries one
// of each. A socket is named after its project's folder and its process, so the
// builds of a project can be found, and those of another cannot be mistaken for
// them. What a killed build left is removed by whoever finds nobody behind it.
package ctl

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	// longest bounds how long anybody waits for the other side.
	longest = 5 * time.Second
	// maxLine is more than any request or status needs.
	maxLine = 1 << 20
)

// A Request is what a running build shall do.
type Request struct {
	Command string `json:"command"` // workers, pause, resume, budget, drop, status
	N       int    `json:"n,omitempty"`
	Nano    int64  `json:"nano_usd,omitempty"`
	Model   string `json:"model,omitempty"`
}

// An Answer is what became of it.
type Answer struct {
	Error  string          `json:"error,omitempty"`
	PID    int             `json:"pid"`
	Status json.RawMessage `json:"status,omitempty"`
}

// folder is where sockets lie: 0700, and nobody else's.
func folder() (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = os.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprintf("isf-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !private(info) {
		return "", fmt.Errorf("%s must be a folder that only you can enter (chmod 700)", dir)
	}
	return dir, nil
}

// name begins the sockets of the project at root, whatever links lead there.
func name(root string) string {
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	sum := sha256.Sum256([]byte(root))
	return hex.EncodeToString(sum[:6])
}

// Serve answers requests to this process about the project at root, until the
// function that it returns is called.
func Serve(root string, answer func(Request) Answer) (stop func(), err error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%d.sock", name(root), os.Getpid()))
	_ = os.Remove(path) // of an earlier process with our number
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { serve(c, answer) })
		}
	})
	return func() {
		_ = l.Close()
		wg.Wait()
	}, nil
}

func serve(c net.Conn, answer func(Request) Answer) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(longest))
	var r Request
	if err := readLine(c, &r); err != nil {
		return
	}
	a := answer(r)
	a.PID = os.Getpid()
	_ = writeLine(c, a)
}

func readLine(c net.Conn, into any) error {
	s := bufio.NewScanner(c)
	s.Buffer(nil, maxLine)
	if !s.Scan() {
		return errors.Join(errors.New("the other side hung up"), s.Err())
	}
	return json.Unmarshal(s.Bytes(), into)
}

func writeLine(c net.Conn, v any) error {
	line, err := json.Marshal(v)
	if err == nil {
		_, err = c.Write(append(line, '\n'))
	}
	return err
}

// Call asks every running build of the project at root, and returns what they
// answer.
func Call(ctx context.Context, root string, r Request) ([]Answer, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	sockets, err := filepath.Glob(filepath.Join(dir, name(root)+"-*.sock"))
	if err != nil {
		return nil, err
	}
	var out []Answer
	for _, path := range sockets {
		a, err := call(ctx, path, r)
		if errors.Is(err, errNobody) {
			removeOld(path)
			continue
		}
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
	return out, nil
}

// removeOld removes what a killed build left. A socket has its name for a moment before anybody listens, and who
// removed it then would leave a build that nobody finds.
func removeOld(path string) {
	if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > longest {
		_ = os.Remove(path)
	}
}

var errNobody = errors.New("nobody listens")

func call(ctx context.Context, path string, r Request) (a Answer, err error) {
	c, err := (&net.Dialer{Timeout: longest}).DialContext(ctx, "unix", path)
	switch {
	case err != nil && (ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.EAGAIN)):
		return a, err // who asks has gone, or the other side is busy: its socket stays
	case err != nil:
		return a, errors.Join(errNobody, err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(longest))
	if err := writeLine(c, r); err != nil {
		return a, err
	}
	return a, readLine(c, &a)
}
