package suite

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// echo sends each message when the reply before it has come, and compares.
func (p *peer) echo(msgs ...[]byte) error {
	for _, msg := range msgs {
		if err := p.send(msg); err != nil {
			return fmt.Errorf("sending %s: %w", show(msg), err)
		}
		if err := p.expect(msg); err != nil {
			return err
		}
	}
	return nil
}

func (p *peer) expect(want []byte) error {
	got, err := p.recv()
	if err != nil {
		return fmt.Errorf("waiting for the reply to %s: %w", show(want), err)
	}
	return same(got, want)
}

// same compares a reply with its request, in words short enough to read.
func same(got, want []byte) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %s, want %s", show(got), show(want))
	}
	return nil
}

func show(msg []byte) string {
	if len(msg) <= 24 {
		return fmt.Sprintf("%d bytes %q", len(msg), msg)
	}
	return fmt.Sprintf("%d bytes %q…", len(msg), msg[:24])
}

// connected is a peer of the server at addr until the check ends.
func connected(t T, wire echo.Wire, addr string) *peer {
	t.Helper()
	p, err := dial(within(t, hung), wire, addr)
	require.NoError(t, err, "connecting to %s", addr)
	t.Cleanup(func() { p.Close() })
	return p
}

// served says that a new, honest client is answered at once.
func served(t T, wire echo.Wire, addr string) {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	p, err := dial(ctx, wire, addr)
	if err == nil {
		defer p.Close()
		err = p.echo([]byte("still here"))
	}
	require.NoError(t, err, "an honest client was not served within %v (waited %v)", soon, time.Since(began))
}

// gone waits until the server has ended the connection, at most for the check's
// own patience, which dial has set.
func (p *peer) gone() error {
	_, err := io.Copy(io.Discard, p.in)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		return fmt.Errorf("the server kept the connection open")
	}
	return nil // EOF or a reset
}
