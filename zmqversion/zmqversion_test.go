package zmqversion_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/zmqversion"
)

// TestMain uses the network once: the two descriptors of Go's own poller stay.
func TestMain(m *testing.M) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	os.Exit(m.Run())
}

// serve runs a server until the test ends, after what the test cleans up later
// on; then nothing of it may be left.
func serve(t testing.TB, o echo.Options) (addr string) {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", o)
}

func serveAt(t testing.TB, addr string, o echo.Options) string {
	t.Helper()
	before := taken()
	server, err := zmqversion.Listen(addr, o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
		again, err := net.Listen("tcp", server.Addr().String())
		require.NoError(t, err, "the port is free")
		again.Close()
		settles(t, before)
	})
	return server.Addr().String()
}

// taken counts what a leak would add to.
func taken() (n struct{ goroutines, descriptors int }) {
	n.goroutines = runtime.NumGoroutine()
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		n.descriptors = len(list)
	}
	return n
}

// settles polls: zmq4 ends three goroutines of a socket without telling when.
func settles(t testing.TB, before struct{ goroutines, descriptors int }) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		now := taken()
		if now.goroutines <= before.goroutines && now.descriptors <= before.descriptors {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("before %+v, after %+v\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func connect(t testing.TB, addr string, o echo.Options) *zmqversion.Conn {
	t.Helper()
	conn, err := zmqversion.Connect(context.Background(), addr, o)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func patience(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestFidelity(t *testing.T) {
	addr := serve(t, echo.Options{})
	conn := connect(t, addr, echo.Options{})
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 255, 256, 511, 512, 513, 4096, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 20, 0} {
		msg := make([]byte, size)
		for i := range msg {
			msg[i] = byte(random.Uint32())
		}
		reply, err := conn.Echo(t.Context(), msg)
		require.NoError(t, err)
		require.True(t, bytes.Equal(msg, reply), "%d bytes", size)
	}
	_, err := conn.Echo(t.Context(), make([]byte, 1<<20+1))
	require.ErrorIs(t, err, echo.ErrTooLarge)
	_, err = conn.Echo(t.Context(), []byte("usable on"))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, conn.Close())
	_, err = conn.Echo(t.Context(), nil)
	require.ErrorIs(t, err, echo.ErrClosed)
}

func TestThousandClients(t *testing.T) {
	addr := serve(t, echo.Options{})
	var clients sync.WaitGroup
	var all sync.WaitGroup // connected
	all.Add(1000)
	failures := make(chan error, 1000)
	for i := range 1000 {
		clients.Go(func() {
			conn, err := zmqversion.Connect(patience(t, 20*time.Second), addr, echo.Options{})
			all.Done()
			if err != nil {
				failures <- err
				return
			}
			defer conn.Close()
			all.Wait()
			for k := range 5 {
				msg := fmt.Sprintf("%d of %d", k, i)
				reply, err := conn.Echo(context.Background(), []byte(msg))
				if err != nil || string(reply) != msg {
					failures <- fmt.Errorf("sent %q, got %q: %w", msg, reply, err)
					return
				}
			}
		})
	}
	clients.Wait()
	close(failures)
	require.Empty(t, failures)
}

func TestConnectFails(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed.Close()
	before := taken()
	_, err = zmqversion.Connect(t.Context(), closed.Addr().String(), echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	_, err = zmqversion.Connect(patience(t, 50*time.Millisecond), silent.Addr().String(), echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = zmqversion.Connect(t.Context(), silent.Addr().String(), echo.Options{HandshakeTimeout: 50 * time.Millisecond})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	silent.Close()
	settles(t, before)
}

func TestEchoEnds(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	addr := serve(t, echo.Options{Handler: func(b []byte) []byte {
		enter <- struct{}{}
		<-leave
		return b
	}})
	t.Run("at the deadline", func(t *testing.T) {
		conn := connect(t, addr, echo.Options{})
		begun := time.Now()
		go func() { <-enter }()
		_, err := conn.Echo(patience(t, 100*time.Millisecond), []byte("a"))
		require.ErrorIs(t, err, echo.ErrNoReply)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Less(t, time.Since(begun), 200*time.Millisecond)
		leave <- struct{}{}
		_, err = conn.Echo(t.Context(), []byte("b"))
		require.ErrorIs(t, err, echo.ErrNoServer, "spent: the late reply answers nothing")
	})
	t.Run("before it began", func(t *testing.T) {
		conn := connect(t, addr, echo.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := conn.Echo(ctx, []byte("a"))
		require.ErrorIs(t, err, echo.ErrNoServer)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("at Close", func(t *testing.T) {
		conn := connect(t, addr, echo.Options{})
		go func() {
			<-enter
			conn.Close()
			leave <- struct{}{}
		}()
		_, err := conn.Echo(t.Context(), []byte("a"))
		require.ErrorIs(t, err, echo.ErrClosed)
	})
}

// A handler that runs at the end returns, and its reply still arrives; a request
// behind it does not begin.
func TestServeEnds(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	var calls int // on one goroutine, and read after it
	before := taken()
	server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{Handler: func(b []byte) []byte {
		calls++
		enter <- struct{}{}
		<-leave
		return b
	}})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()

	const others = 40 // more than zmq4's queue holds
	results := make(chan error, 1+others)
	ask := func() {
		conn, err := zmqversion.Connect(context.Background(), server.Addr().String(), echo.Options{})
		if err == nil {
			_, err = conn.Echo(context.Background(), []byte("a"))
			conn.Close()
		}
		results <- err
	}
	go ask()
	<-enter
	for range others {
		go ask()
	}
	cancel()
	for {
		conn, err := net.Dial("tcp", server.Addr().String())
		if err != nil {
			break // it accepts no more
		}
		conn.Close()
	}
	close(leave)
	require.NoError(t, <-served)
	require.Equal(t, 1, calls)
	var answered int
	for range 1 + others {
		if err := <-results; err == nil {
			answered++
		}
	}
	require.Equal(t, 1, answered)
	settles(t, before)
}

func TestServeWithEndedContext(t *testing.T) {
	before := taken()
	server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, server.Serve(ctx))
	_, err = zmqversion.Listen("256.0.0.1:0", echo.Options{})
	require.Error(t, err)
	settles(t, before)
}

func TestHandlerMayReuseItsMemory(t *testing.T) {
	own := make([]byte, 1<<20)
	addr := serve(t, echo.Options{Handler: func(b []byte) []byte { return own[:copy(own, b)] }})
	var clients sync.WaitGroup
	for i := range 4 {
		conn := connect(t, addr, echo.Options{})
		clients.Go(func() {
			for k := range 20 {
				msg := bytes.Repeat([]byte{byte(16*i + k)}, 1<<(10+k%11))
				reply, err := conn.Echo(context.Background(), msg)
				if err != nil || !bytes.Equal(msg, reply) {
					t.Errorf("client %d, echo %d: %v", i, k, err)
				}
			}
		})
	}
	clients.Wait()
}

func TestReplies(t *testing.T) {
	addr := serve(t, echo.Options{MaxMessage: 1000, Handler: func(b []byte) []byte {
		switch string(b) {
		case "nothing":
			return nil
		case "part":
			return b[1:3]
		default:
			return make([]byte, 1001)
		}
	}})
	conn := connect(t, addr, echo.Options{})
	for _, c := range [][2]string{{"nothing", ""}, {"part", "ar"}} {
		reply, err := conn.Echo(t.Context(), []byte(c[0]))
		require.NoError(t, err)
		require.Equal(t, c[1], string(reply))
	}
	_, err := conn.Echo(t.Context(), []byte("over the limit"))
	require.ErrorIs(t, err, echo.ErrNoReply, "a reply over MaxMessage closes the connection")
	require.False(t, errors.Is(err, echo.ErrMalformed))
}

func TestMaxClients(t *testing.T) {
	addr := serve(t, echo.Options{MaxClients: 2})
	first, second := connect(t, addr, echo.Options{}), connect(t, addr, echo.Options{})
	_, err := zmqversion.Connect(t.Context(), addr, echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	first.Close()
	_, err = second.Echo(t.Context(), []byte("not mine to lose"))
	require.NoError(t, err)
	for { // the server learns of the end a moment later
		third, err := zmqversion.Connect(patience(t, 5*time.Second), addr, echo.Options{})
		if err == nil {
			third.Close()
			break
		}
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	}
}
