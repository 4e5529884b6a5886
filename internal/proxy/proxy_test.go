package proxy_test

import (
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
)

// Half-close: an end that has said all can still listen.
func TestHalfCloseIsPassedOn(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Tap: e.tap})
	send(t, p.client, "request")
	require.NoError(t, p.client.CloseWrite())
	got, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, "request", string(got))

	send(t, p.server, "reply")
	require.NoError(t, p.server.CloseWrite())
	got, err = io.ReadAll(p.client)
	require.NoError(t, err)
	require.Equal(t, "reply", string(got))
	require.Equal(t, []string{"up data", "up FIN", "down data", "down FIN"}, e.words())
}

// A reset is not a goodbye, and must not look like one.
func TestResetIsPassedOn(t *testing.T) {
	for name, ends := range map[string]func(pair) (from, to *net.TCPConn){
		"up":   func(p pair) (_, _ *net.TCPConn) { return p.client, p.server },
		"down": func(p pair) (_, _ *net.TCPConn) { return p.server, p.client },
	} {
		t.Run(name, func(t *testing.T) {
			from, to := ends(connect(t, proxy.Options{}))
			require.NoError(t, from.SetLinger(0))
			require.NoError(t, from.Close())
			_, err := to.Read(make([]byte, 1))
			require.ErrorIs(t, err, syscall.ECONNRESET)
		})
	}
}

// A server that answers and resets (it closed with unread input, say) has still
// answered: its receiver reads the answer first.
func TestAnswerBeforeResetArrives(t *testing.T) {
	p := connect(t, proxy.Options{})
	send(t, p.client, "half a requ")
	take(t, p.server, 4)
	send(t, p.server, "go away")
	require.NoError(t, p.server.Close()) // 7 bytes are unread: RST
	require.Equal(t, "go away", take(t, p.client, 7))
	_, err := p.client.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// A receiver that is gone when bytes come for it resets the sender.
func TestSenderToADeadReceiverIsReset(t *testing.T) {
	p := connect(t, proxy.Options{})
	require.NoError(t, p.server.Close())
	_, err := p.client.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	for err == nil || err == io.EOF {
		_, err = p.client.Write([]byte("anyone?"))
	}
	require.NotErrorIs(t, err, syscall.ETIMEDOUT)
}

// A sender stops when its receiver does: what waits on the way is bounded.
func TestBackpressureTravelsThrough(t *testing.T) {
	p := connect(t, proxy.Options{})
	require.NoError(t, p.server.SetReadBuffer(128<<10))
	require.NoError(t, p.client.SetWriteBuffer(128<<10))
	require.NoError(t, p.client.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
	n, err := p.client.Write(make([]byte, 64<<20))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "64 MiB went to a server that reads nothing")
	t.Logf("%d bytes on the way", n)
	require.Less(t, n, 3<<20)
	take(t, p.server, n) // what left still arrives
}

func TestRefusedIsReset(t *testing.T) {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	var e events
	p, err := proxy.New(proxy.Options{Target: ln.Addr().String(), Tap: e.tap})
	require.NoError(t, err)
	client, err := net.Dial("tcp", p.Addr())
	if err == nil { // else the reset came before connect had returned
		defer client.Close()
		_, err = client.Read(make([]byte, 1))
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.NoError(t, p.Close())
	require.Equal(t, 1, p.Accepted())
	require.Equal(t, []string{"down act", "down RST"}, e.words())
}

func TestTargetThatIsNoAddress(t *testing.T) {
	_, err := proxy.New(proxy.Options{Target: "localhost"})
	require.ErrorContains(t, err, `"localhost"`)
}

// Close waits for everything, whatever it waits for, and may be called twice.
func TestCloseEndsEveryWait(t *testing.T) {
	for name, o := range map[string]proxy.Options{
		"asleep in Read": {},
		"asleep between": {Up: []proxy.Fault{proxy.Slice(1, 1, time.Hour)}},
		"on its way":     {Up: []proxy.Fault{proxy.Latency(time.Hour)}},
		"held back":      {Up: []proxy.Fault{proxy.Join(1<<20, time.Hour)}},
		"stalled inside": {Up: []proxy.Fault{proxy.StallAfter(3)}},
	} {
		t.Run(name, func(t *testing.T) {
			p := connect(t, o)
			send(t, p.client, "hello, hello")
			require.NoError(t, p.Close())
			require.NoError(t, p.Close())
			_, err := io.Copy(io.Discard, p.client)
			require.NotErrorIs(t, err, syscall.ETIMEDOUT)
			_, err = net.Dial("tcp", p.Addr())
			require.Error(t, err, "the port is free")
		})
	}
	t.Run("stalled outside", func(t *testing.T) {
		p := connect(t, proxy.Options{})
		p.Stall()
		send(t, p.client, "hello")
		require.NoError(t, p.Close())
	})
}

func TestThousandConnectionsInUnder64MiB(t *testing.T) {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	p, err := proxy.New(proxy.Options{Target: ln.Addr().String()})
	require.NoError(t, err)
	defer p.Close()
	before := inUse()
	for range 1000 {
		client, server := dial(t, p, ln)
		send(t, client, "hello")
		send(t, server, take(t, server, 5))
		require.Equal(t, "hello", take(t, client, 5))
	}
	used := inUse() - before
	t.Logf("%d KiB a connection, the test's two ends included", used/1000/1024)
	require.Less(t, used, int64(64<<20))
	require.Equal(t, 1000, p.Accepted())
}

func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
