//go:build linux

package epoll_test

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/epoll"
)

// crowd is 64 clients who all ask at once, and are all answered.
func crowd(t *testing.T, m model) {
	addr, _ := m.serve(t, echo.Options{})
	var talking sync.WaitGroup
	defer talking.Wait()
	for id := range 64 {
		c := connect(t, addr)
		talking.Go(func() {
			for i := range 20 {
				msg := bytes.Repeat([]byte{byte(id)}, 100*i*i)
				reply, err := c.Echo(t.Context(), msg)
				if err != nil || !bytes.Equal(msg, reply) {
					t.Errorf("client %d, echo %d: %v", id, i, err)
					return
				}
			}
		})
	}
}

func TestOneProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	onEach(t, crowd)
}

// Go sends itself SIGURG to preempt goroutines. Here every thread gets it all
// the time, so that no system call that a signal can end is left alone.
func TestSignalsAllTheTime(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		var storm sync.WaitGroup
		stop := make(chan bool)
		defer storm.Wait()
		defer close(stop)
		storm.Go(func() {
			for tick := time.NewTicker(50 * time.Microsecond); ; {
				select {
				case <-stop:
					tick.Stop()
					return
				case <-tick.C:
				}
				threads, _ := os.ReadDir("/proc/self/task")
				for _, thread := range threads {
					id, _ := strconv.Atoi(thread.Name())
					unix.Tgkill(os.Getpid(), id, unix.SIGURG) // ESRCH: it has ended
				}
			}
		})
		crowd(t, m)
	})
}

// A queue of 8 signals overflows at once.
func TestSignalsLost(t *testing.T) {
	var limit unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_SIGPENDING, &limit))
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_SIGPENDING, &unix.Rlimit{Cur: 8, Max: limit.Max}))
	defer func() { require.NoError(t, unix.Setrlimit(unix.RLIMIT_SIGPENDING, &limit)) }()

	t.Run("Poller", func(t *testing.T) {
		p, err := epoll.NewPoller["signal"]()
		require.NoError(t, err)
		r := newRig(t, p)
		watched := r.watch(20)
		for range 3 {
			r.speak(20)
			require.ElementsMatch(t, watched, r.told(6))
		}
	})
	t.Run("Server", func(t *testing.T) { crowd(t, model{listen: epoll.ListenSignal}) })
}

// A descriptor that select(2) cannot watch costs its own connection, and no other.
func TestSelectRefuses(t *testing.T) {
	addr, _ := model{listen: epoll.ListenSelect}.serve(t, echo.Options{})
	early := dial(t, addr)
	exchange(t, early, "in time")
	var held []int
	defer func() {
		for _, fd := range held {
			unix.Close(fd)
		}
	}()
	for highest := 0; highest < 1023; held = append(held, highest) {
		var err error
		if highest, err = unix.Dup(0); err == unix.EMFILE {
			t.Skip("RLIMIT_NOFILE is under 1,100: ulimit -n 2000")
		}
		require.NoError(t, err)
	}
	closed(t, dial(t, addr))
	exchange(t, early, "still here")

	p, err := epoll.NewPoller["select"]()
	require.NoError(t, err)
	require.EqualError(t, p.Add(1024, epoll.Readable),
		"select: descriptor 1024: select(2) can watch 0 to 1023 only; use poll or epoll")
}

// A client that sends and says FIN in one go still gets a long answer.
func TestLongAnswersAfterHalfClose(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		answer := bytes.Repeat([]byte("x"), 1<<20)
		addr, _ := m.serve(t, echo.Options{Handler: func([]byte) []byte { return answer }})
		for range 5 {
			conn := dial(t, addr)
			_, err := conn.Write(frames(make([]int, 8)...))
			require.NoError(t, err)
			require.NoError(t, conn.CloseWrite())
			got, err := io.Copy(io.Discard, conn)
			require.NoError(t, err)
			require.EqualValues(t, 8*(4+len(answer)), got)
		}
	})
}
