//go:build linux

package epoll_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/epoll"
)

// pair is a connection within the process; what one write puts in, one read
// gets out, so a test can see where the writes were.
func pair(t testing.TB, kind int) (here, there int) {
	fds, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

func put(t testing.TB, fd int, p []byte) {
	n, err := unix.Write(fd, p)
	require.NoError(t, err)
	require.Equal(t, len(p), n)
}

// drain reads until there is nothing more.
func drain(t testing.TB, fd int) []byte {
	var all []byte
	buf := make([]byte, 1<<20)
	for {
		n, err := unix.Read(fd, buf)
		if err == unix.EAGAIN || n == 0 {
			return all
		}
		require.NoError(t, err)
		all = append(all, buf[:n]...)
	}
}

func frames(sizes ...int) (stream []byte) {
	for _, n := range sizes {
		stream = frame.Append(stream, bytes.Repeat([]byte{byte(n)}, n))
	}
	return stream
}

func TestEverySplit(t *testing.T) {
	stream := frames(0, 1, 300, 0, 7)
	for cut := range stream {
		here, there := pair(t, unix.SOCK_STREAM)
		c := epoll.NewStepper(there, echo.Options{})
		for _, piece := range [][]byte{stream[:cut], stream[cut:]} {
			if len(piece) > 0 {
				put(t, here, piece)
				require.NoError(t, c.Step())
			}
		}
		require.Equal(t, stream, drain(t, here), "cut at %d", cut)
		unix.Close(here)
		unix.Close(there)
	}
}

func TestOneWriteForTheRepliesOfOneRead(t *testing.T) {
	here, there := pair(t, unix.SOCK_SEQPACKET)
	c := epoll.NewStepper(there, echo.Options{})
	stream := frames(5, 0, 64, 5)
	put(t, here, stream)
	require.NoError(t, c.Step())
	buf := make([]byte, 1000)
	n, err := unix.Read(here, buf)
	require.NoError(t, err)
	require.Equal(t, stream, buf[:n])
}

func TestReportsAreHints(t *testing.T) {
	_, there := pair(t, unix.SOCK_STREAM)
	c := epoll.NewStepper(there, echo.Options{})
	require.NoError(t, c.Step())
	require.Equal(t, epoll.Readable, c.Wants())
}

func TestBackpressure(t *testing.T) {
	here, there := pair(t, unix.SOCK_STREAM)
	const answer = 10_000
	big := bytes.Repeat([]byte("x"), answer)
	c := epoll.NewStepper(there, echo.Options{Handler: func([]byte) []byte { return big }})

	const asked = 1000 // small requests, large replies
	put(t, here, frames(make([]int, asked)...))
	require.NoError(t, c.Step())
	require.Equal(t, epoll.Writable, c.Wants(), "reading is paused while replies are owed")
	require.LessOrEqual(t, c.Owed(), epoll.HighWater+answer+frame.HeaderLen)
	require.NoError(t, c.Step(), "nothing was read, nothing can be written")
	require.Equal(t, epoll.Writable, c.Wants())

	var got []byte
	for c.Wants() == epoll.Writable {
		got = append(got, drain(t, here)...)
		require.NoError(t, c.Step())
		require.LessOrEqual(t, c.Owed(), epoll.HighWater+answer+frame.HeaderLen)
	}
	got = append(got, drain(t, here)...)
	require.Equal(t, bytes.Repeat(frame.Append(nil, big), asked), got, "every request was answered")
}

func TestMalformedAfterAGoodRequest(t *testing.T) {
	here, there := pair(t, unix.SOCK_STREAM)
	c := epoll.NewStepper(there, echo.Options{MaxMessage: 1000})
	good := frames(5)
	put(t, here, append(bytes.Clone(good), 0, 0, 3, 0xe9)) // announces 1001 bytes
	require.NoError(t, c.Step(), "it hangs up, and waits for the peer to do so")
	require.Equal(t, good, drain(t, here), "the reply before it arrives")
	put(t, here, []byte("more, thrown away"))
	require.NoError(t, c.Step())
	require.NoError(t, unix.Shutdown(here, unix.SHUT_WR))
	require.ErrorIs(t, c.Step(), io.EOF)
}

func TestEndlessInputAfterTheEnd(t *testing.T) {
	here, there := pair(t, unix.SOCK_STREAM)
	c := epoll.NewStepper(there, echo.Options{})
	put(t, here, []byte{0xff, 0xff, 0xff, 0xff})
	require.NoError(t, c.Step())
	for given := 0; given <= 17<<20; given += 64 << 10 {
		put(t, here, make([]byte, 64<<10))
		if c.Step() != nil {
			return
		}
	}
	require.Fail(t, "17 MiB were read after the end")
}

func TestReplyOverTheLimit(t *testing.T) {
	here, there := pair(t, unix.SOCK_STREAM)
	c := epoll.NewStepper(there, echo.Options{MaxMessage: 10, Handler: func([]byte) []byte { return make([]byte, 11) }})
	put(t, here, frames(1))
	require.NoError(t, c.Step())
	require.Empty(t, drain(t, here))
	require.NoError(t, unix.Shutdown(here, unix.SHUT_WR))
	require.ErrorIs(t, c.Step(), io.EOF)
}

func TestEndOfInput(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []byte
		want error
	}{
		{"between messages", frames(3), io.EOF},
		{"within a header", []byte{0, 0}, io.ErrUnexpectedEOF},
		{"within a message", []byte{0, 0, 0, 9, 1}, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			here, there := pair(t, unix.SOCK_STREAM)
			conn := epoll.NewStepper(there, echo.Options{})
			put(t, here, c.in)
			require.NoError(t, unix.Shutdown(here, unix.SHUT_WR))
			require.NoError(t, conn.Step())
			require.ErrorIs(t, conn.Step(), c.want)
		})
	}
}

func TestNoAllocationAMessage(t *testing.T) {
	for _, size := range []int{0, 64, 64 << 10} {
		here, there := pair(t, unix.SOCK_STREAM)
		c := epoll.NewStepper(there, echo.Options{})
		stream, buf := frames(size), make([]byte, 1<<20)
		round := func() {
			n, err := unix.Write(here, stream)
			for got := 0; got < n && err == nil; {
				var m int
				err = c.Step()
				if m, _ = unix.Read(here, buf); m > 0 {
					got += m
				}
			}
			if err != nil {
				t.Error(err)
			}
		}
		round()
		require.Zero(t, testing.AllocsPerRun(100, round), "%d bytes", size)
	}
}
