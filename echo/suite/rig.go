package suite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

const (
	hung  = 20 * time.Second // ends a check that hangs; nothing is expected to take it
	soon  = time.Second      // an honest client is served within it
	grace = 100 * time.Millisecond
)

// running is a server of ours that the check can stop.
type running struct {
	addr string
	stop context.CancelFunc
	done chan error // Serve's result
}

// serve starts the Go server under test on addr and stops it at the end of the check.
func (r *Rig) serve(t T, addr string, o echo.Options) *running {
	t.Helper()
	if o.Grace == 0 {
		o.Grace = grace
	}
	server, err := r.Listen(addr, o)
	require.NoError(t, err, "Listen")
	ctx, stop := context.WithCancel(context.Background())
	s := &running{addr: server.Addr().String(), stop: stop, done: make(chan error, 1)}
	go func() { s.done <- server.Serve(ctx) }()
	t.Cleanup(func() { s.end(t) })
	return s
}

// end stops the server and waits for Serve to return. It may be called again.
func (s *running) end(t T) {
	t.Helper()
	s.stop()
	select {
	case err := <-s.done:
		s.done <- nil
		if err != nil {
			t.Errorf("Serve returned %v, want nil", err)
		}
	case <-time.After(hung):
		t.Errorf("Serve had not returned %v after its context was done", hung)
	}
}

// address is a running server with the default limits, however it is reached.
func (r *Rig) address(t T) string {
	t.Helper()
	switch {
	case r.Address != "":
		return r.Address
	case r.Listen != nil:
		return r.serve(t, "127.0.0.1:0", echo.Options{}).addr
	default:
		return r.spawn(t, "127.0.0.1:0", echo.Options{}).addr
	}
}

// A process is the server as a program of its own.
type process struct {
	cmd  *exec.Cmd
	addr string
}

// spawn starts the command and waits for its READY line. It is killed at the
// end of the check.
func (r *Rig) spawn(t T, addr string, o echo.Options) *process {
	t.Helper()
	cmd := r.Command(addr, o)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{cmd: cmd}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if ready, ok := strings.CutPrefix(lines.Text(), "READY "); ok {
			p.addr = ready
			return p
		}
	}
	t.Errorf("%s ended without READY HOST:PORT on its standard output", cmd)
	t.FailNow()
	return nil
}

// kill is SIGKILL: no goodbye.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// Vacant returns an address that nothing listens on and that a server may be
// started on later. It lies below the ephemeral ports, so that no client's
// connection is given it in between.
func Vacant(t T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue // taken
		}
		l.Close()
		return addr
	}
	t.Errorf("no free port between 20000 and 32000")
	t.FailNow()
	return ""
}

// within gives ctx a deadline that ends only what hangs.
func within(t T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// atOnce runs f(0) to f(n-1) at the same time and returns the first error.
func atOnce(n int, f func(i int) error) error {
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- f(i) }()
	}
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
