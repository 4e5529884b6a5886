//go:build linux

package uring_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/uring"
)

// open is a ring that belongs to the test's thread.
func open(t testing.TB, entries, completions uint32) uring.Ring {
	leakless(t)
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	r, err := uring.NewRing(entries, completions)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Zero(t, r.Flying())
		require.NoError(t, r.Close())
	})
	require.NoError(t, r.Enable())
	return r
}

// pair is a connection within the process.
func pair(t testing.TB) (here, there int) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

func put(t testing.TB, fd int, p []byte) {
	n, err := unix.Write(fd, p)
	require.NoError(t, err)
	require.Equal(t, len(p), n)
}

func TestQueuesWrapAround(t *testing.T) {
	r := open(t, 4, 8)
	for id := range 1000 {
		require.NoError(t, r.Nop(2*id))
		require.NoError(t, r.Nop(2*id+1))
		require.NoError(t, r.Wait(2))
		require.Equal(t, []uring.Done{{FD: 2 * id}, {FD: 2*id + 1}}, r.Take(8, nil))
	}
}

// More operations than the one queue holds, and more completions than the other.
func TestQueuesOverflow(t *testing.T) {
	const pushed = 100
	r := open(t, 4, 8)
	for id := range pushed {
		require.NoError(t, r.Nop(id))
	}
	var ids []int
	for r.Flying() > 0 {
		require.NoError(t, r.Wait(1))
		for _, done := range r.Take(3, nil) {
			ids = append(ids, done.FD)
		}
	}
	require.Len(t, ids, pushed)
	for id := range pushed {
		require.Equal(t, id, ids[id])
	}
}

func TestWaitEnds(t *testing.T) {
	r := open(t, 4, 8)
	begun := time.Now()
	require.NoError(t, r.Sleep(20*time.Millisecond))
	require.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)
	require.Empty(t, r.Take(8, nil))
}

// Only the thread that has enabled the ring may use it.
func TestSingleIssuer(t *testing.T) {
	r := open(t, 4, 8)
	other := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		other <- r.Sleep(0)
	}()
	require.ErrorIs(t, <-other, unix.EEXIST)
}

func TestCancelManyInFlight(t *testing.T) {
	const many = 500
	r := open(t, 64, 128)
	_, there := pair(t)
	var fds []int
	for range many {
		fd, err := unix.Dup(there)
		require.NoError(t, err)
		defer unix.Close(fd)
		fds = append(fds, fd)
		require.NoError(t, r.Recv(fd, make([]byte, 8)))
	}
	require.NoError(t, r.Sleep(0))
	require.Equal(t, many, r.Flying(), "nothing has come")
	for _, fd := range fds {
		require.NoError(t, r.CancelRecv(fd))
	}
	cancelled := 0
	for r.Flying() > 0 {
		require.NoError(t, r.Wait(1))
		for _, done := range r.Take(64, nil) {
			if done.Res == -int(unix.ECANCELED) {
				cancelled++
			}
		}
	}
	require.Equal(t, many, cancelled)
}

// An operation holds the socket as a descriptor does: after close(2) it goes on.
func TestCloseEndsNothing(t *testing.T) {
	r := open(t, 4, 8)
	here, there := pair(t)
	again, err := unix.Dup(there)
	require.NoError(t, err)
	p := make([]byte, 8)
	require.NoError(t, r.Recv(again, p))
	require.NoError(t, r.Sleep(0))
	require.NoError(t, unix.Close(again))
	put(t, here, []byte("late"))
	require.NoError(t, r.Wait(1))
	require.Equal(t, []uring.Done{{FD: again, Res: 4}}, r.Take(8, nil))
	require.Equal(t, "late", string(p[:4]))
}

func TestBuffersAreLentWhenBytesHaveCome(t *testing.T) {
	r := open(t, 256, 512)
	b, err := uring.NewBuffers(r)
	require.NoError(t, err)
	defer b.Close()
	var here, there []int
	for range uring.SlabLen + 1 {
		h, o := pair(t)
		here, there = append(here, h), append(there, o)
		require.NoError(t, r.RecvLent(o)) // more than there are buffers
	}
	require.NoError(t, r.Sleep(0))
	require.Empty(t, r.Take(512, b))
	for _, fd := range here {
		put(t, fd, []byte("x"))
	}
	starved := -1
	for r.Flying() > 0 {
		require.NoError(t, r.Wait(1))
		for _, done := range r.Take(512, b) {
			if done.Res == -int(unix.ENOBUFS) {
				require.Negative(t, starved)
				starved = done.FD
				continue
			}
			require.Equal(t, "x", string(done.Lent))
		}
	}
	require.Contains(t, there, starved)
	b.Grow()
	require.NoError(t, r.RecvLent(starved))
	require.NoError(t, r.Wait(1))
	require.Equal(t, []byte("x"), r.Take(1, b)[0].Lent)
}

// The tail has 16 bits, and shares a word with the number of a buffer.
func TestBuffersWrapAround(t *testing.T) {
	r := open(t, 4, 8)
	b, err := uring.NewBuffers(r)
	require.NoError(t, err)
	defer b.Close()
	here, there := pair(t)
	for i := range 1<<16 + 100 {
		msg := []byte{byte(i), byte(i >> 8), byte(i >> 16)}
		put(t, here, msg)
		require.NoError(t, r.RecvLent(there))
		require.NoError(t, r.Wait(1))
		done := r.Take(1, b)
		if string(done[0].Lent) != string(msg) {
			require.Equal(t, msg, done[0].Lent, "message %d", i)
		}
		b.GiveBack()
	}
}
