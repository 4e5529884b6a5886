package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
)

func processChecks() []Check {
	return []Check{
		{
			Name: "server/descriptors", Subject: Server, Needs: Process,
			Why: "out of descriptors, a server goes on with the clients it has, waits without spinning, and accepts again once one leaves",
			Run: func(t T, r *Rig) {
				server := r.spawn(t, "127.0.0.1:0", echo.Options{MaxClients: 10_000})
				pid := server.cmd.Process.Pid
				had := connected(t, r.Wire, server.addr)
				require.NoError(t, had.echo([]byte("before")))
				open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
				require.NoError(t, err)
				limit := unix.Rlimit{Cur: uint64(len(open) + 8), Max: uint64(len(open) + 8)}
				require.NoError(t, unix.Prlimit(pid, unix.RLIMIT_NOFILE, &limit, nil))

				var crowd []*peer
				for range 24 {
					crowd = append(crowd, connected(t, echo.Framed, server.addr)) // the kernel completes it
				}
				require.NoError(t, had.echo([]byte("during")))
				began, used := time.Now(), cpu(t, pid)
				time.Sleep(500 * time.Millisecond) // the interval that is measured
				share := float64(cpu(t, pid)-used) / float64(time.Since(began))
				require.Less(t, share, 0.05, "share of a core used while out of descriptors")
				require.NoError(t, had.echo([]byte("during")))

				for _, p := range crowd {
					p.Close()
				}
				served(t, r.Wire, server.addr)
			},
		},
		{
			Name: "server/memory", Subject: Server, Needs: Process,
			Why: "what a peer announces, or does not read, costs no memory: it is bounded by what a connection may hold",
			Run: func(t T, r *Rig) {
				server := r.spawn(t, "127.0.0.1:0", echo.Options{})
				small, err := Resident(server.cmd.Process.Pid)
				require.NoError(t, err)
				for range 64 { // each announces the largest message, and sends a little of it
					p := connected(t, r.Wire, server.addr)
					_, err := p.Write(encode(r.Wire, make([]byte, most))[:300])
					require.NoError(t, err)
				}
				deafened(t, r.Wire, server.addr)
				served(t, r.Wire, server.addr)
				large, err := Resident(server.cmd.Process.Pid)
				require.NoError(t, err)
				require.Less(t, large-small, 48<<20, "bytes that the server grew by")
			},
		},
	}
}

// cpu is the processor time that all threads of pid have had.
func cpu(t T, pid int) time.Duration {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	require.NoError(t, err)
	var sum time.Duration
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		ns, err := strconv.Atoi(strings.Fields(string(text))[0])
		require.NoError(t, err)
		sum += time.Duration(ns)
	}
	return sum
}
