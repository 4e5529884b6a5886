//go:build linux

package epoll_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
)

// child is a server with too few descriptors. It is another process, since a
// limit cannot be had for a part of one.
func child(name string) {
	must := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	must(unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 24, Max: 24}))
	m := models[slices.IndexFunc(models, func(m model) bool { return m.name == name })]
	s, err := m.listen("127.0.0.1:0", echo.Options{MaxClients: 1000})
	must(err)
	fmt.Println(s.Addr())
	must(s.Serve(context.Background()))
}

// used is the processor time that a process has used, all threads together.
func used(t *testing.T, pid int) (sum time.Duration) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	require.NoError(t, err)
	for _, thread := range threads {
		raw, err := os.ReadFile(thread)
		require.NoError(t, err)
		var ns int64
		_, err = fmt.Sscan(string(raw), &ns)
		require.NoError(t, err)
		sum += time.Duration(ns)
	}
	return sum
}

func TestOutOfDescriptors(t *testing.T) { onEach(t, outOfDescriptors) }

func outOfDescriptors(t *testing.T, m model) {
	leakless(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LAB_CHILD="+m.name)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line := bufio.NewScanner(out)
	require.True(t, line.Scan())
	addr := line.Text()

	var served, queued []*net.TCPConn
	for range 40 { // the kernel connects them all
		conn := dial(t, addr)
		_, err := conn.Write([]byte{0, 0, 0, 0})
		require.NoError(t, err)
		queued = append(queued, conn)
	}
	for len(queued) > 0 {
		queued[0].SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		if _, err := queued[0].Read(make([]byte, 4)); err != nil {
			break
		}
		served, queued = append(served, queued[0]), queued[1:]
	}
	require.NotEmpty(t, served)
	require.NotEmpty(t, queued, "the limit was not reached")

	const window = 500 * time.Millisecond // not waited for anything: what is measured takes time
	before := used(t, cmd.Process.Pid)
	<-time.After(window)
	require.Less(t, used(t, cmd.Process.Pid)-before, window/100, "the loop spins")

	served[1].SetReadDeadline(time.Now().Add(10 * time.Second))
	exchange(t, served[1], "still here")
	require.NoError(t, served[0].CloseWrite())
	queued[0].SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err = io.ReadFull(queued[0], make([]byte, 4))
	require.NoError(t, err, "a descriptor is free again")
}
