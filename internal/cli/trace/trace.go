// Package trace shows the system calls of one echo, as the kernel saw them. The
// server runs in a process of its own under strace(1), while a client here sends
// it messages with a pause before each, so that what sleeps can be seen to sleep.
//
// An echo is all that the server's threads finished between the moment before its
// message was sent and the moment before the next one: it begins with the end of
// a sleep.
package trace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"echolab/echo"
)

var (
	// ErrMissing: there is no strace.
	ErrMissing = errors.New("there is no strace here; on Linux: apt-get install strace; elsewhere: open this repository in its .devcontainer")
	// ErrRefused: there is one, and the kernel or a container forbids tracing.
	ErrRefused = errors.New("strace may not trace here; in a container, allow it with docker run --cap-add SYS_PTRACE")
)

const (
	pause = 50 * time.Millisecond // before each message
	nap   = pause / 2             // a call that took so long has slept
	warm  = 2                     // echoes that are not shown: the steady state is
	spare = 5                     // more echoes than asked for, see rested
)

var hello = []byte("hello")

var errBusy = fmt.Errorf("this machine is too busy: the server did not come to rest in %v", pause)

// An Echo is what became of one message.
type Echo struct {
	Calls  []Call         `json:"calls"`  // in the order in which they ended
	Hidden map[string]int `json:"hidden"` // calls of Go's runtime, which it would make anyway
}

// rested reports whether the server slept before the message came. On a busy
// machine it may still be at the message before, and the two would be mixed up.
func (e Echo) rested() bool {
	return slices.ContainsFunc(e.Calls, func(c Call) bool { return c.Asleep > 0 })
}

// A Call is a system call.
type Call struct {
	Name   string        `json:"call"`
	On     []string      `json:"on"`        // what its descriptors are: listener, client, pipe …
	Result string        `json:"result"`    // a number, or the name of an error
	Asleep time.Duration `json:"asleep_ns"` // how long it slept, if it did
	Plain  string        `json:"plain"`     // what it did, in words
	Args   string        `json:"args"`      // as strace wrote them
}

// Run starts a server of the stack by the command, which prints READY HOST:PORT,
// and traces n echoes.
func Run(ctx context.Context, stack echo.Stack, command []string, n int) ([]Echo, error) {
	server, err := start(ctx, command)
	if err != nil {
		return nil, err
	}
	marks, err := converse(ctx, stack.Connect, server.addr, n+spare)
	log, stopErr := server.stop()
	if err := errors.Join(err, stopErr); err != nil {
		return nil, err
	}
	echoes, err := Explain(log, marks)
	echoes = slices.DeleteFunc(echoes, func(e Echo) bool { return !e.rested() })
	if err == nil && len(echoes) < n {
		err = errBusy
	}
	return echoes[:min(n, len(echoes))], err
}

// Explain finds the echoes in what strace wrote: one between each mark and the next.
func Explain(log []byte, marks []time.Time) ([]Echo, error) {
	records, err := parse(log)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(records, func(a, b record) int { return a.end.Compare(b.end) })
	runtime := goLoop(records)
	var echoes []Echo
	for i, from := range marks[:len(marks)-1] {
		echoes = append(echoes, between(records, from, marks[i+1], runtime))
	}
	return echoes, nil
}

// converse sends n messages, after a few that do not count, and returns the time
// before each, and one after the last.
func converse(ctx context.Context, connect echo.Connect, addr string, n int) (marks []time.Time, err error) {
	conn, err := connect(ctx, addr, echo.Options{})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for range warm + n {
		if err := sleep(ctx); err != nil {
			return nil, err
		}
		marks = append(marks, time.Now())
		if _, err := conn.Echo(ctx, hello); err != nil {
			return nil, fmt.Errorf("an echo under strace: %w", err)
		}
	}
	if err := sleep(ctx); err != nil {
		return nil, err
	}
	return append(marks, time.Now())[warm:], nil
}

func sleep(ctx context.Context) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// between is the echo of the calls that ended from one time until another.
// runtime is the descriptor on which Go's own loop waits.
func between(records []record, from, until time.Time, runtime string) Echo {
	echo := Echo{Calls: []Call{}, Hidden: map[string]int{}}
	for _, r := range records {
		switch {
		case r.end.Before(from) || !r.end.Before(until):
		case slices.Contains(noise, r.name):
			echo.Hidden[r.name]++
		default:
			echo.Calls = append(echo.Calls, r.call(runtime))
		}
	}
	return echo
}

// noise is what Go's runtime does for itself: threads that sleep and wake each
// other, memory, preemption. epoll_pwait is not among it. There Go waits for us.
var noise = []string{
	"futex", "nanosleep", "clock_nanosleep", "restart_syscall", "sched_yield", "tgkill", "getpid", "gettid",
	"rt_sigreturn", "rt_sigprocmask", "sigaltstack", "clone", "clone3", "set_robust_list", "rseq", "prctl", "exit",
	"madvise", "mmap", "munmap", "mprotect", "timer_create", "timer_settime", "timer_delete", "getrusage",
	"sched_getaffinity", "pread64", // how many processors may it use? It asks now and then
}
