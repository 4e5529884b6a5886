package hostile_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/hostile"
)

func TestEveryPeerIsKnownByName(t *testing.T) {
	for _, w := range []echo.Wire{echo.Framed, echo.ZMTP} {
		seen := map[string]bool{}
		for _, p := range hostile.Peers(w) {
			require.False(t, seen[p.Name], "two peers %q", p.Name)
			seen[p.Name] = true
			require.NotEmpty(t, p.Story)
			require.Positive(t, p.Times)
			require.Contains(t, p.Wires, w)
		}
		t.Logf("%s: %d peers", w, len(seen))
	}
}

// A full attack is Times connections, no more than 100 of them at once, and
// where each is to hold on, all of them.
func TestRun(t *testing.T) {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- find(t, "silent", echo.Framed).Run(ctx, ln.Addr().String(), most) }()
	for range 100 {
		conn, err := ln.Accept()
		require.NoError(t, err)
		defer conn.Close()
	}
	cancel()
	require.NoError(t, <-ended)

	go func() { ended <- find(t, "reset-mid-message", echo.Framed).Run(t.Context(), ln.Addr().String(), most) }()
	for range 1000 {
		conn, err := ln.Accept()
		require.NoError(t, err)
		conn.Close()
	}
	require.NoError(t, <-ended)
}

// Who asks for 64 MiB and reads nothing stops when the server does.
func TestNeverReadsStops(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"when the server reads no more":  func(net.Conn) {},
		"when the server hangs up":       func(conn net.Conn) { io.CopyN(io.Discard, conn, 1<<20); conn.Close() },
		"when the server has taken all":  func(conn net.Conn) { io.Copy(io.Discard, conn) },
		"when the server waits to write": func(conn net.Conn) { io.Copy(conn, conn) },
	} {
		t.Run(name, func(t *testing.T) {
			leavesNothing(t)
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer ln.Close()
			ended := make(chan error, 1)
			go func() {
				ended <- find(t, "never-reads", echo.Framed).Attack(t.Context(), ln.Addr().String(), 64<<10)
			}()
			conn, err := ln.Accept()
			require.NoError(t, err)
			defer conn.Close()
			serve(conn)
			select {
			case err := <-ended:
				require.NoError(t, err)
			case <-time.After(hung):
				require.Fail(t, "it hangs")
			}
		})
	}
}

// What the server does is no error; what keeps an attack from happening is.
func TestErrors(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	refuses := ln.Addr().String()
	require.NoError(t, ln.Close())
	p := find(t, "http", echo.Framed)
	require.NoError(t, p.Attack(t.Context(), refuses, most))
	require.Error(t, p.Attack(t.Context(), "localhost", most))

	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, w := range []echo.Wire{echo.Framed, echo.ZMTP} {
		for _, p := range hostile.Peers(w) {
			require.NoError(t, p.Attack(done, refuses, most))
			require.NoError(t, p.Run(done, refuses, most))
		}
	}
}

func ExamplePeers() {
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	defer ln.Close()
	for _, p := range hostile.Peers(echo.Framed) {
		if p.Name == "http" {
			go p.Attack(context.Background(), ln.Addr().String(), 1<<20)
		}
	}
	conn, _ := ln.Accept()
	defer conn.Close()
	request, _ := bufio.NewReader(conn).ReadString('\n')
	fmt.Println(request)
	// Output: GET / HTTP/1.1
}
