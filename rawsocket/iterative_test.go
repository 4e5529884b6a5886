//go:build linux

package rawsocket_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/rawsocket"
)

// iterate runs an iterative server until the test ends, or until stop, which
// returns what Serve returned. Afterwards nothing of it is left.
func iterate(t *testing.T, o echo.Options) (addr string, stop func() error) {
	first, err := net.Listen("tcp", "127.0.0.1:0") // with it Go opens the loop in which it waits, before we count
	require.NoError(t, err)
	require.NoError(t, first.Close())
	goroutines, fds := runtime.NumGoroutine(), descriptors(t)
	s, err := rawsocket.ListenIterative("127.0.0.1:0", o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-served
	}
	t.Cleanup(func() {
		require.NoError(t, stop())
		for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(end); {
			runtime.Gosched()
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "goroutines")
		require.LessOrEqual(t, descriptors(t), fds, "descriptors")
	})
	return s.Addr().String(), stop
}

func descriptors(t *testing.T) int {
	open, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(open)
}

func dial(t *testing.T, addr string) *net.TCPConn {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second)) // ends a hung test
	return conn.(*net.TCPConn)
}

func exchange(t *testing.T, conn net.Conn, msg string) {
	want := frame.Append(nil, []byte(msg))
	_, err := conn.Write(want)
	require.NoError(t, err)
	got := make([]byte, len(want))
	_, err = io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// The second client is connected, by the kernel, and its request has arrived; it
// is answered once the first has left.
func TestIterativeServesOneAfterTheOther(t *testing.T) {
	addr, _ := iterate(t, echo.Options{})
	first, second := dial(t, addr), dial(t, addr)
	exchange(t, first, "one")
	request := frame.Append(nil, []byte("two"))
	_, err := second.Write(request)
	require.NoError(t, err)
	second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, err = second.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	exchange(t, first, "still one")
	require.NoError(t, first.Close())
	second.SetReadDeadline(time.Now().Add(10 * time.Second))
	got := make([]byte, len(request))
	_, err = io.ReadFull(second, got)
	require.NoError(t, err)
	require.Equal(t, request, got)
}

// Stop wakes the server in accept4, in read between messages and inside one, and
// in write; a client that reads gets the replies it is owed, and whole ones.
func TestIterativeStops(t *testing.T) {
	for name, arrange := range map[string]func(t *testing.T, addr string) (after func()){
		"in accept4": func(*testing.T, string) func() { return func() {} },
		"in read": func(t *testing.T, addr string) func() {
			conn := dial(t, addr)
			exchange(t, conn, "hello")
			return func() { ends(t, conn) }
		},
		"in a message": func(t *testing.T, addr string) func() {
			conn := dial(t, addr)
			exchange(t, conn, "hello")
			_, err := conn.Write([]byte{0, 0, 0, 5, 'h'})
			require.NoError(t, err)
			return func() { ends(t, conn) }
		},
		"in write, and nobody reads": func(t *testing.T, addr string) func() {
			owing(t, addr)
			return func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			addr, stop := iterate(t, echo.Options{Grace: 100 * time.Millisecond})
			after := arrange(t, addr)
			began := time.Now()
			require.NoError(t, stop())
			require.Less(t, time.Since(began), 2*time.Second)
			after()
			again, err := rawsocket.ListenIterative(addr, echo.Options{})
			require.NoError(t, err, "the port is free")
			done, cancel := context.WithCancel(t.Context())
			cancel()
			require.NoError(t, again.Serve(done))
		})
	}
}

// ends expects the server's FIN, and nothing before it.
func ends(t *testing.T, conn net.Conn) {
	n, err := conn.Read(make([]byte, 1))
	require.Zero(t, n)
	require.ErrorIs(t, err, io.EOF)
}

// owing returns a connection whose server sleeps in write: the client has asked
// for much and read nothing.
func owing(t *testing.T, addr string) (conn *net.TCPConn, asked int) {
	conn = dial(t, addr)
	msg := frame.Append(nil, make([]byte, 1<<20))
	for {
		conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := conn.Write(msg)
		asked += n
		if err != nil {
			return conn, asked
		}
	}
}

// Replies under way when the server is told to stop arrive, though the client
// has more to say, which nobody will read: closing on that would reset them.
func TestIterativeGraceForUnsentReplies(t *testing.T) {
	addr, stop := iterate(t, echo.Options{Grace: 20 * time.Second})
	conn, asked := owing(t, addr)
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.NoError(t, <-ended)
	require.Positive(t, len(got))
	require.Less(t, len(got), asked)
	require.Zero(t, len(got)%(1<<20+frame.HeaderLen), "whole replies only")
}

// Replies from before a bad frame arrive, whatever follows it.
func TestIterativeOwedBeforeABadFrame(t *testing.T) {
	addr, _ := iterate(t, echo.Options{})
	conn := dial(t, addr)
	require.NoError(t, conn.SetReadBuffer(64<<10)) // so that replies wait in the server's kernel
	want := frame.Append(nil, make([]byte, 1<<20))
	go conn.Write(append(append(bytes.Clone(want), 0xff, 0xff, 0xff, 0xff), make([]byte, 2000)...)) // Close ends it
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "%d bytes of %d", len(got), len(want))
}

func TestIterativeListenErrorsReleaseEverything(t *testing.T) {
	addr, _ := iterate(t, echo.Options{})
	for _, bad := range []string{addr, "127.0.0.1", "127.0.0.1:none", "192.0.2.1:0", "[::1]:0"} {
		_, err := rawsocket.ListenIterative(bad, echo.Options{})
		require.Error(t, err, bad)
	}
}

// What is bound is what was asked for, byte by byte.
func TestIterativeAddr(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", ":0"} {
		s, err := rawsocket.ListenIterative(addr, echo.Options{})
		require.NoError(t, err)
		at := s.Addr().(*net.TCPAddr)
		require.Equal(t, addr == ":0", at.IP.IsUnspecified())
		swapped := binary.BigEndian.Uint16(binary.LittleEndian.AppendUint16(nil, uint16(at.Port)))
		require.Positive(t, swapped)
		done, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, s.Serve(done))
		again, err := rawsocket.ListenIterative(at.String(), echo.Options{})
		require.NoError(t, err)
		require.Equal(t, at.Port, again.Addr().(*net.TCPAddr).Port, "not %d, which is the same in the wrong order", swapped)
		require.NoError(t, again.Serve(done))
	}
}
