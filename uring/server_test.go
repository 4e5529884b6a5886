//go:build linux

package uring_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/uring"
)

// exchange sends a message as bytes and checks the reply.
func exchange(t testing.TB, conn net.Conn, msg string) {
	want := frame.Append(nil, []byte(msg))
	_, err := conn.Write(want)
	require.NoError(t, err)
	got := make([]byte, len(want))
	_, err = io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestServeWithContextDone(t *testing.T) {
	leakless(t)
	s, err := uring.Listen("127.0.0.1:0", echo.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, s.Serve(ctx))
	again, err := uring.Listen(s.Addr().String(), echo.Options{})
	require.NoError(t, err, "the port is free")
	require.NoError(t, again.Serve(ctx))
}

func TestListenErrorsReleaseEverything(t *testing.T) {
	addr, _ := serve(t, echo.Options{})
	for _, bad := range []string{addr, "127.0.0.1", "127.0.0.1:none", "192.0.2.1:0"} {
		_, err := uring.Listen(bad, echo.Options{})
		require.Error(t, err, bad)
	}
}

// A killed server's accept is in flight after wait(2) has returned.
func TestListenAfterAKill(t *testing.T) {
	leakless(t)
	addr := "127.0.0.1:0"
	for range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LAB_CHILD="+addr)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		addr = strings.TrimSpace(line)
		if err == nil {
			exchange(t, dial(t, addr), "hello")
		}
		cmd.Process.Kill()
		cmd.Wait()
		require.NoError(t, err)
	}
}

// Whoever spoke while a handler kept the loop busy is heard before being judged,
// and they are more than the kernel has completions for in one turn.
func TestSlowHandlerIsNotThePeersFault(t *testing.T) {
	const timeout = 300 * time.Millisecond
	began, goOn := make(chan bool), make(chan bool)
	addr, _ := serve(t, echo.Options{MessageTimeout: timeout, Handler: func(p []byte) []byte {
		if string(p) == "slow" {
			began <- true
			<-goOn
		}
		return p
	}})
	var halved []net.Conn
	whole := append(frame.Append(nil, []byte("first")), frame.Append(nil, []byte("second"))...)
	for range 100 {
		conn := dial(t, addr)
		_, err := conn.Write(whole[:len(whole)-3])
		require.NoError(t, err)
		_, err = io.ReadFull(conn, make([]byte, 9)) // so the rest has begun, and its time
		require.NoError(t, err)
		halved = append(halved, conn)
	}
	_, err := dial(t, addr).Write(frame.Append(nil, []byte("slow")))
	require.NoError(t, err)
	<-began
	for _, conn := range halved {
		_, err = conn.Write(whole[len(whole)-3:])
		require.NoError(t, err)
	}
	<-time.After(2 * timeout)
	goOn <- true
	for _, conn := range halved {
		_, err = io.ReadFull(conn, make([]byte, 10))
		require.NoError(t, err)
	}
}

// Small requests, large replies: what was received and has to wait is kept, and
// the buffer goes back.
func TestBackpressure(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 100_000)
	addr, _ := serve(t, echo.Options{Handler: func([]byte) []byte { return big }})
	conn := dial(t, addr)
	const asked = 500
	_, err := conn.Write(make([]byte, asked*frame.HeaderLen)) // empty messages, in one segment
	require.NoError(t, err)
	require.NoError(t, conn.CloseWrite())
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.True(t, bytes.Equal(bytes.Repeat(frame.Append(nil, big), asked), got), "%d bytes", len(got))
}

// A large reply that is its request is sent from where it lies; the handler's own
// memory is not, since the handler may use it again at once.
func TestWhereRepliesLie(t *testing.T) {
	scratch := make([]byte, 1<<20)
	for name, handler := range map[string]func([]byte) []byte{
		"the request":           func(p []byte) []byte { return p },
		"a part of it":          func(p []byte) []byte { return p[1000 : len(p)-1000] },
		"the handler's own":     func(p []byte) []byte { return scratch[:copy(scratch, p)] },
		"more than the request": func(p []byte) []byte { return append(p, p[:1000]...) },
	} {
		t.Run(name, func(t *testing.T) {
			var ask, want [3][]byte
			for i := range ask {
				for _, n := range []int{400 << 10, 3000} {
					msg := bytes.Repeat([]byte{byte(i), 7}, n)
					ask[i] = frame.Append(ask[i], msg)
					want[i] = frame.Append(want[i], handler(msg))
				}
			}
			addr, _ := serve(t, echo.Options{Handler: handler})
			var conns [3]*net.TCPConn
			for i := range conns { // all of them ask before anyone reads
				conns[i] = dial(t, addr)
				_, err := conns[i].Write(ask[i])
				require.NoError(t, err)
				require.NoError(t, conns[i].CloseWrite())
			}
			for i, conn := range conns {
				got, err := io.ReadAll(conn)
				require.NoError(t, err)
				require.True(t, bytes.Equal(want[i], got), "%d bytes", len(got))
			}
		})
	}
}

// A stop finds operations of every kind in flight: receives into lent buffers and
// into place, sends that stand still. None outlives Serve.
func TestManyInFlightAtTheEnd(t *testing.T) {
	addr, stop := serve(t, echo.Options{Grace: 50 * time.Millisecond})
	half := append(frame.AppendHeader(nil, 1<<20), make([]byte, 200<<10)...)
	whole := frame.Append(nil, make([]byte, 1<<20))
	for range 2 * uring.Batch / 3 {
		exchange(t, dial(t, addr), "then silence")
		_, err := dial(t, addr).Write(half)
		require.NoError(t, err)
	}
	for range 5 {
		deaf := dial(t, addr)
		deaf.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		for err := error(nil); err == nil; {
			_, err = deaf.Write(whole) // until the server no longer reads
		}
	}
	require.NoError(t, stop())
	again, err := uring.Listen(addr, echo.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, again.Serve(ctx))
}

// memory is what the heap and the stacks hold that is in use.
func memory() uint64 {
	var m runtime.MemStats
	for range 2 { // sync.Pool keeps what it holds through one collection
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// An idle connection costs the server's memory little: no goroutine, no buffer.
func TestIdleConnectionIsSmall(t *testing.T) {
	addr, _ := serve(t, echo.Options{})
	at := netip.MustParseAddrPort(addr)
	hello, reply := frame.Append(nil, []byte("hello")), make([]byte, 9)
	var before uint64
	const warm, clients = 10, 500
	for i := range warm + clients {
		if i == warm {
			before = memory()
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		defer unix.Close(fd) // a client without memory of its own
		require.NoError(t, unix.Connect(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}))
		put(t, fd, hello[:6]) // in two pieces, so that a buffer was needed
		put(t, fd, hello[6:])
		n, err := unix.Read(fd, reply)
		require.NoError(t, err)
		require.Equal(t, hello, reply[:n])
	}
	each := (int64(memory()) - int64(before)) / clients
	require.Less(t, each, int64(600))
	t.Logf("%d bytes a connection", each)
}
