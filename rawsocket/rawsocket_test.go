package rawsocket_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/rawsocket"
)

// serve runs a server until the test ends, and returns its address.
func serve(t *testing.T, o echo.Options) string {
	server, err := rawsocket.Listen("127.0.0.1:0", o)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	return server.Addr().String()
}

func TestEcho(t *testing.T) {
	addr := serve(t, echo.Options{})
	conn, err := rawsocket.Connect(t.Context(), addr, echo.Options{})
	require.NoError(t, err)
	defer conn.Close()
	for _, n := range []int{0, 1, 5, 511, 512, 513, 4096, 4097, 65535, 65536, 1 << 20} {
		msg := strings.Repeat("x", n)
		got, err := conn.Echo(t.Context(), []byte(msg))
		require.NoError(t, err)
		require.Equal(t, n, len(got))
	}
	_, err = conn.Echo(t.Context(), make([]byte, 1<<20+1))
	require.ErrorIs(t, err, echo.ErrTooLarge)
	got, err := conn.Echo(t.Context(), []byte("still usable"))
	require.NoError(t, err)
	require.Equal(t, "still usable", string(got))
}

// A pipelining client's small replies share a write, large ones leave uncopied
// by writev: the order stays.
func TestBurstsKeepOrder(t *testing.T) {
	addr := serve(t, echo.Options{})
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	var sent strings.Builder
	for i := range 200 {
		n := []int{3, 100, 5000, 0, 70000}[i%5]
		sent.WriteString(string([]byte{0, byte(n >> 16), byte(n >> 8), byte(n)}))
		sent.WriteString(strings.Repeat(string(rune('a'+i%26)), n))
	}
	go func() {
		conn.Write([]byte(sent.String()))
		conn.(*net.TCPConn).CloseWrite()
	}()
	var got strings.Builder
	buf := make([]byte, 1<<16)
	for {
		n, err := conn.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			break
		}
	}
	require.True(t, sent.String() == got.String(), "%d bytes sent, %d came back, or differ", sent.Len(), got.Len())
}

// Bytes behind a reply would be taken for the start of the next one.
func TestStrayBytes(t *testing.T) {
	for _, stray := range []string{"\x00", "\x00\x00", "\x00\x00\x00\x00", "\x00\x00\x00\x01y"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		go func() {
			server, err := l.Accept()
			if err != nil {
				return
			}
			server.Read(make([]byte, 16))
			server.Write([]byte("\x00\x00\x00\x01x" + stray))
			io.Copy(io.Discard, server)
			server.Close()
		}()
		conn, err := rawsocket.Connect(t.Context(), l.Addr().String(), echo.Options{})
		require.NoError(t, err)
		got, err := conn.Echo(t.Context(), []byte("x"))
		require.NoError(t, err)
		require.Equal(t, "x", string(got))
		_, err = conn.Echo(t.Context(), []byte("y"))
		require.ErrorIs(t, err, echo.ErrMalformed, "stray % x", stray)
		conn.Close()
		l.Close()
	}
}

func Example() {
	server, err := rawsocket.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error)
	go func() { done <- server.Serve(ctx) }()

	conn, err := rawsocket.Connect(ctx, server.Addr().String(), echo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	reply, err := conn.Echo(ctx, []byte("hello"))
	fmt.Printf("%s %v\n", reply, err)

	conn.Close()
	stop()
	fmt.Println(<-done)
	// Output:
	// hello <nil>
	// <nil>
}
