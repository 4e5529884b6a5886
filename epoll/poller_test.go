//go:build linux

package epoll_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/epoll"
)

// A rig is a Poller and descriptors for it: odd ones are the peers of even ones.
type rig struct {
	require.TestingT
	epoll.Poller
	fds []int
}

func newRig(t testing.TB, p epoll.Poller) *rig {
	r := &rig{TestingT: t, Poller: p}
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	for range 20 {
		here, there := pair(t, unix.SOCK_STREAM)
		r.fds = append(r.fds, here, there)
	}
	return r
}

// watch adds the first n descriptors for reading. With an edge-triggered Poller
// they have begun, at least, to be writable: that is heard here.
func (r *rig) watch(n int) (watched []int) {
	for i := range n {
		watched = append(watched, r.fds[2*i])
		require.NoError(r, r.Add(r.fds[2*i], epoll.Readable))
	}
	if r.Edge() {
		r.told(n)
	}
	return watched
}

// speak makes the first n readable.
func (r *rig) speak(n int) {
	for i := range n {
		_, err := unix.Write(r.fds[2*i+1], []byte("hello"))
		require.NoError(r, err)
	}
}

// told is what Wait tells until it has told nothing new for a while.
func (r *rig) told(room int) (all []int) {
	const patience = 20 * time.Millisecond
	dst := make([]int, room)
	for news := time.Now(); time.Since(news) < patience; {
		n, err := r.Wait(dst, patience)
		require.NoError(r, err)
		for i, fd := range dst[:n] {
			require.NotContains(r, dst[:i], fd, "each once")
			if !slices.Contains(all, fd) {
				all = append(all, fd)
				news = time.Now()
			}
		}
	}
	return all
}

// The obligations of a Poller, each with a way to break it.
var obligations = []struct {
	name  string
	check func(r *rig)
	broke func(p epoll.Poller) epoll.Poller
}{
	{"what is ready already counts", func(r *rig) {
		r.speak(1)
		require.NoError(r, r.Add(r.fds[0], epoll.Readable))
		require.Equal(r, r.fds[:1], r.told(8))
	}, func(p epoll.Poller) epoll.Poller { return short{p} }},

	{"what becomes ready is told", func(r *rig) {
		watched := r.watch(3)
		require.Empty(r, r.told(8))
		r.speak(2)
		require.ElementsMatch(r, watched[:2], r.told(8))
	}, func(p epoll.Poller) epoll.Poller { return short{p} }},

	{"no room is no loss, and nobody is always first", func(r *rig) {
		watched := r.watch(20)
		r.speak(20)
		require.ElementsMatch(r, watched, r.told(3))
	}, func(p epoll.Poller) epoll.Poller { return unfair{p} }},

	{"it is told as long as it lasts, or once", func(r *rig) {
		watched := r.watch(1)
		r.speak(1)
		require.Equal(r, watched, r.told(8))
		if r.Edge() {
			watched = nil
		}
		require.Equal(r, watched, r.told(8))
	}, func(p epoll.Poller) epoll.Poller { return liar{p} }},

	{"what begins again is told again", func(r *rig) {
		watched := r.watch(1)
		for range 3 {
			r.speak(1)
			r.speak(1) // twice, and told once
			require.Equal(r, watched, r.told(8))
			_, err := unix.Read(watched[0], make([]byte, 100))
			require.NoError(r, err)
			require.Empty(r, r.told(8))
		}
	}, func(p epoll.Poller) epoll.Poller { return &deaf{Poller: p} }},

	{"what was removed is not told, and can be added again", func(r *rig) {
		watched := r.watch(3)
		require.NoError(r, r.Remove(watched[0]))
		r.speak(3)
		require.ElementsMatch(r, watched[1:], r.told(8))
		require.NoError(r, r.Remove(watched[1]))
		require.NoError(r, r.Remove(watched[2]))
		require.Empty(r, r.told(8))
		require.NoError(r, r.Add(watched[1], epoll.Readable))
		require.Equal(r, watched[1:2], r.told(8))
	}, func(p epoll.Poller) epoll.Poller { return sticky{p} }},

	{"an end is something to read", func(r *rig) {
		watched := r.watch(2)
		require.Empty(r, r.told(8))
		require.NoError(r, unix.Shutdown(r.fds[3], unix.SHUT_RDWR))
		require.Equal(r, watched[1:], r.told(8))
	}, func(p epoll.Poller) epoll.Poller { return short{p} }},

	{"room to write is told where it is wanted", func(r *rig) {
		watched := r.watch(1)
		for n := 0; n >= 0; { // until the kernel takes no more
			n, _ = unix.Write(watched[0], make([]byte, 1<<16))
		}
		require.NoError(r, r.Modify(watched[0], epoll.Writable))
		require.Empty(r, r.told(8))
		for n := 1; n > 0; {
			n, _ = unix.Read(r.fds[1], make([]byte, 1<<16))
		}
		require.Equal(r, watched, r.told(8))
		if !r.Edge() {
			require.NoError(r, r.Modify(watched[0], epoll.Readable))
			require.Empty(r, r.told(8))
		}
	}, func(p epoll.Poller) epoll.Poller { return fixed{p} }},

	{"it sleeps, and no longer than it may", func(r *rig) {
		r.watch(1)
		dst := make([]int, 1)
		for _, block := range []time.Duration{0, 15 * time.Millisecond, 30 * time.Millisecond} {
			waits := 0
			for began := time.Now(); waits == 0 || time.Since(began) < block; waits++ {
				n, err := r.Wait(dst, block)
				require.NoError(r, err)
				require.Zero(r, n)
				require.Less(r, time.Since(began), block+5*time.Second)
			}
			require.Less(r, waits, 100, "a signal may end a sleep or two; this spins")
		}
	}, func(p epoll.Poller) epoll.Poller { return hasty{p} }},
}

func TestPollers(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		for _, o := range obligations {
			t.Run(o.name, func(t *testing.T) {
				leakless(t)
				p, err := epoll.NewPoller[m.name]()
				require.NoError(t, err)
				o.check(newRig(t, p))
			})
		}
	})
}
