package suite

import (
	"context"
	"net"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// A script is what the reference server does with its n-th connection, counted
// from 0, after the handshake. The connection is closed when it returns.
type script func(n int, p *peer)

// answer echoes until the client leaves.
func answer(_ int, p *peer) {
	for {
		msg, err := p.recv()
		if err != nil || p.send(msg) != nil {
			return
		}
	}
}

// reply answers k messages, then returns.
func (p *peer) reply(k int) {
	for range k {
		msg, err := p.recv()
		if err != nil || p.send(msg) != nil {
			return
		}
	}
}

// reset ends the connection by RST, as a killed process does with unread input.
func (p *peer) reset() {
	p.SetLinger(0)
	p.Close()
}

// A reference is a server that the checks script.
type reference struct {
	addr     string
	accepted atomic.Int64
	stop     func()
}

// reference starts the reference server; it ends with the check, or by stop.
func (r *Rig) reference(t T, addr string, s script) *reference {
	t.Helper()
	ref, err := startReference(addr, r.Wire, s)
	require.NoError(t, err)
	t.Cleanup(ref.stop)
	return ref
}

func startReference(addr string, wire echo.Wire, s script) (*reference, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	ref := &reference{addr: listener.Addr().String()}
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex // guards conns and over
		conns []net.Conn
		over  bool
	)
	ref.stop = func() {
		listener.Close()
		mu.Lock()
		over = true
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		wait.Wait()
	}
	wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			if over {
				conn.Close()
			}
			mu.Unlock()
			n := int(ref.accepted.Add(1)) - 1
			wait.Go(func() {
				defer conn.Close()
				if p, err := greet(context.Background(), conn, wire, "REP"); err == nil {
					s(n, p)
				}
			})
		}
	})
	return ref, nil
}
