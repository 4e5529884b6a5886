package zmqversion_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"runtime"
	"sync"
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

// log keeps what the server says of its connections.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func logger(l *log) *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
