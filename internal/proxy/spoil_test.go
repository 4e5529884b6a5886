package proxy_test

import (
	"io"
	"math/bits"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
)

// EOF one way, and the other way goes on.
func TestHalfAfter(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.HalfAfter(3)}, Tap: e.tap})
	send(t, p.client, text)
	got, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, text[:3], string(got))
	send(t, p.client, text) // read and dropped
	send(t, p.server, text)
	require.Equal(t, text, take(t, p.client, len(text)))
	require.Equal(t, []string{"up data", "up act", "up FIN", "down data"}, e.words())
}

// Everything is taken, also more than any buffer holds, and nothing arrives.
func TestBlackholeAfter(t *testing.T) {
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.BlackholeAfter(3)}})
	send(t, p.client, text)
	send(t, p.client, string(make([]byte, 16<<20)))
	require.NoError(t, p.client.CloseWrite())
	require.Equal(t, text[:3], take(t, p.server, 3))
	silent(t, p.server)
	send(t, p.server, text)
	require.Equal(t, text, take(t, p.client, len(text)), "the other way goes on")
}

// One bit of one byte, wherever the pieces are cut, and the same for a seed.
func TestCorrupt(t *testing.T) {
	for _, n := range []int{0, 9, 26, 27} {
		var spoilt [2]string
		for i := range spoilt {
			var e events
			p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Slice(1, 4, 0), proxy.Corrupt(n)}, Seed: uint64(n), Tap: e.tap})
			send(t, p.client, text)
			spoilt[i] = take(t, p.server, len(text))
			for at := range text {
				turned := bits.OnesCount8(text[at] ^ spoilt[i][at])
				require.Equal(t, at == n, turned == 1, "byte %d of %q", at, spoilt[i])
			}
			acts := 0
			for _, word := range e.words() {
				if word == "up act" {
					acts++
				}
			}
			require.Equal(t, n < len(text), acts == 1)
		}
		require.Equal(t, spoilt[0], spoilt[1])
	}
}

// What is late makes what is behind it late, and nothing is lost or reordered.
func TestJitter(t *testing.T) {
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Slice(1, 1, 0), proxy.Jitter(4 * time.Millisecond)}})
	send(t, p.client, text)
	require.NoError(t, p.client.CloseWrite())
	got, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
}

// 50 bytes at 1,000 a second take 50 ms at the least.
func TestBandwidth(t *testing.T) {
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Bandwidth(1000)}})
	begin := time.Now()
	send(t, p.client, string(make([]byte, 50)))
	take(t, p.server, 50)
	require.GreaterOrEqual(t, time.Since(begin), 50*time.Millisecond)
}

// The first connections are reset, and the target never hears of them.
func TestRefuse(t *testing.T) {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	known := map[int]bool{}
	p, err := proxy.New(proxy.Options{
		Target: ln.Addr().String(), Up: []proxy.Fault{proxy.Refuse(2)},
		Ended: func(e proxy.Ended) { known[e.Conn] = e.Target.Known },
	})
	require.NoError(t, err)
	defer p.Close()
	for range 2 {
		client, err := net.Dial("tcp", p.Addr())
		if err == nil { // else the reset came before connect had returned
			_, err = client.Read(make([]byte, 1))
			client.Close()
		}
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
	client, server := dial(t, p, ln)
	send(t, client, text)
	require.Equal(t, text, take(t, server, len(text)))
	require.NoError(t, p.Close())
	require.Equal(t, map[int]bool{1: false, 2: false, 3: runtime.GOOS == "linux"}, known)
}

// The last word on a connection has the kernel's numbers, however it ended.
func TestEnded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux counts a socket's bytes: run it there")
	}
	for name, end := range map[string]func(pair){
		"both said goodbye": func(p pair) { p.client.Close(); p.server.Close() },
		"closed":            func(p pair) { p.Close() },
		"cut":               func(p pair) { p.Cut(); p.client.Close(); p.server.Close() },
		"reset":             func(p pair) { p.Reset() },
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan proxy.Ended, 1)
			p := connect(t, proxy.Options{Ended: func(e proxy.Ended) { ended <- e }})
			send(t, p.client, text)
			send(t, p.server, take(t, p.server, len(text))[:10])
			take(t, p.client, 10)
			end(p)
			select {
			case e := <-ended:
				require.Equal(t, 1, e.Conn)
				require.Equal(t, proxy.Count{Known: true, Sent: 10, Segments: 1}, e.Client)
				require.Equal(t, proxy.Count{Known: true, Sent: uint64(len(text)), Segments: 1}, e.Target)
			case <-time.After(hung):
				require.Fail(t, "never told")
			}
		})
	}
}
