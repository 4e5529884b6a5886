package proxy_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
)

const text = "All 26 bytes, in this order"

// Slices have the sizes asked for, come one to a read, and are the same for a seed.
func TestSlice(t *testing.T) {
	var drawn [3][]int
	for i, seed := range []uint64{1, 1, 2} {
		var e events
		p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Slice(1, 4, time.Millisecond)}, Seed: seed, Tap: e.tap})
		send(t, p.client, text)
		require.Equal(t, text, take(t, p.server, len(text)))
		drawn[i] = e.sizes(true)
		for _, n := range drawn[i] {
			require.True(t, 1 <= n && n <= 4, "a piece of %d bytes", n)
		}
		send(t, p.server, text)
		require.Equal(t, text, take(t, p.client, len(text)))
		require.Equal(t, []int{len(text)}, e.sizes(false), "the other way is whole")
	}
	require.Equal(t, drawn[0], drawn[1])
	require.NotEqual(t, drawn[0], drawn[2])
}

func TestSliceOfNonsenseIsSingleBytes(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Slice(0, -1, 0)}, Tap: e.tap})
	send(t, p.client, "abc")
	require.Equal(t, "abc", take(t, p.server, 3))
	require.Equal(t, []int{1, 1, 1}, e.sizes(true))
}

// Three writes are one, and what is held when the sender ends is not lost.
func TestJoin(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Slice(2, 2, 0), proxy.Join(6, time.Hour)}, Tap: e.tap})
	send(t, p.client, "aabbcc")
	require.Equal(t, "aabbcc", take(t, p.server, 6))
	send(t, p.client, "dd")
	require.NoError(t, p.client.CloseWrite())
	rest, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, "dd", string(rest))
	require.Equal(t, []int{6, 2}, e.sizes(true))
}

func TestJoinWaitsNoLongerThanAsked(t *testing.T) {
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Join(1<<20, time.Millisecond)}})
	send(t, p.client, text)
	require.Equal(t, text, take(t, p.server, len(text)))
}

// Latency delays each byte and the end, and bytes behind one another share it.
func TestLatency(t *testing.T) {
	const late = 50 * time.Millisecond
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Latency(late)}})
	begin := time.Now()
	for i := range 20 {
		send(t, p.client, text[i:i+1])
	}
	require.NoError(t, p.client.CloseWrite())
	require.Equal(t, text[:1], take(t, p.server, 1))
	require.GreaterOrEqual(t, time.Since(begin), late)
	rest, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, text[1:20], string(rest))
	require.Less(t, time.Since(begin), 20*late, "each waited for the one before")
}

func TestLatencyDelaysReset(t *testing.T) {
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.Latency(20 * time.Millisecond)}})
	send(t, p.client, text)
	require.NoError(t, p.client.SetLinger(0))
	require.NoError(t, p.client.Close())
	require.Equal(t, text, take(t, p.server, len(text)), "it had been sent before")
	_, err := p.server.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestStallAfter(t *testing.T) {
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.StallAfter(3)}})
	send(t, p.client, text)
	require.NoError(t, p.client.CloseWrite())
	require.Equal(t, text[:3], take(t, p.server, 3))
	silent(t, p.server)
	send(t, p.server, text)
	require.Equal(t, text, take(t, p.client, len(text)), "the other way goes on")
}

func TestCutAfter(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.CutAfter(3)}, Tap: e.tap})
	send(t, p.client, text)
	send(t, p.client, text) // read and dropped: unread, it would make RST of FIN
	got, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, text[:3], string(got))
	got, err = io.ReadAll(p.client)
	require.NoError(t, err)
	require.Empty(t, got)
	require.Equal(t, []string{"up data", "up act", "up FIN", "down FIN"}, e.words())
}

func TestResetAfter(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Up: []proxy.Fault{proxy.ResetAfter(3)}, Tap: e.tap})
	send(t, p.client, text)
	require.Equal(t, text[:3], take(t, p.server, 3))
	for _, conn := range []io.Reader{p.server, p.client} {
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
	require.Equal(t, []string{"up data", "up act", "up RST", "down RST"}, e.words())
}

// Faults apply in the order given: here all that was joined is cut to pieces.
func TestOrderOfFaults(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{
		Up:  []proxy.Fault{proxy.Join(len(text), time.Hour), proxy.Slice(9, 9, 0), proxy.CutAfter(20)},
		Tap: e.tap,
	})
	for i := range text {
		send(t, p.client, text[i:i+1])
	}
	got, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, text[:20], string(got))
	require.Equal(t, []int{9, 9, 2}, e.sizes(true))
}

// Whatever is set on both ways, the bytes that arrive are those that were sent.
func TestNothingIsReordered(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 8 {
		faults := []proxy.Fault{
			proxy.Slice(1, 2000, 0), proxy.Join(1+random.IntN(9000), time.Millisecond),
			proxy.Latency(time.Millisecond), proxy.Slice(500, 50_000, 10*time.Microsecond),
		}
		random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
		faults = faults[:random.IntN(len(faults)+1)]
		sent := make([]byte, 300_000)
		for i := range sent {
			sent[i] = byte(random.Uint32())
		}
		p := connect(t, proxy.Options{Up: faults, Down: faults, Seed: seed})
		var both sync.WaitGroup
		for _, ends := range [][2]io.ReadWriter{{p.client, p.server}, {p.server, p.client}} {
			both.Go(func() { ends[0].Write(sent) })
			both.Go(func() {
				got := make([]byte, len(sent))
				_, err := io.ReadFull(ends[1], got)
				if err != nil || string(got) != string(sent) {
					t.Errorf("other bytes, %v; seed %d, faults %v", err, seed, faults)
				}
			})
		}
		both.Wait()
		require.NoError(t, p.Close())
	}
}

func TestEachFaultTellsItsStory(t *testing.T) {
	for _, f := range []proxy.Fault{
		proxy.Slice(1, 7, time.Millisecond), proxy.Join(4, time.Second), proxy.Latency(time.Second),
		proxy.StallAfter(4), proxy.CutAfter(4), proxy.ResetAfter(4), proxy.HalfAfter(4), proxy.BlackholeAfter(4),
		proxy.Corrupt(4), proxy.Jitter(time.Second), proxy.Bandwidth(4), proxy.Refuse(4),
	} {
		name, story, ok := strings.Cut(fmt.Sprint(f), ": ")
		require.True(t, ok, "%v", f)
		require.NotEmpty(t, name)
		require.True(t, strings.HasSuffix(story, "."), "%v", f)
	}
}
