package trace

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// call puts a record into words.
func (r record) call(runtime string) Call {
	c := Call{Name: r.name, On: descriptors(r.args, runtime), Result: r.result, Args: r.args}
	if r.took >= nap {
		c.Asleep = r.took
	}
	c.Plain = c.plain()
	return c
}

// The calls that differ in their arguments only.
var (
	reads  = []string{"read", "readv", "recvfrom", "recvmsg"}
	writes = []string{"write", "writev", "sendto", "sendmsg"}
	waits  = []string{"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6"}
)

// plain says what the call did. It fits beside the call in 80 columns.
func (c Call) plain() string {
	switch {
	case c.Result == "EINTR" || strings.HasPrefix(c.Result, "ERESTART"):
		return "a signal came; it begins again"
	case slices.Contains(waits, c.Name):
		return c.waited()
	case slices.Contains(reads, c.Name):
		return c.read()
	case slices.Contains(writes, c.Name):
		return c.wrote()
	case c.Name == "io_uring_enter":
		return c.entered()
	case c.Name == "epoll_ctl":
		return c.controlled()
	case c.Name == "accept4" && c.Result == "EAGAIN":
		return "nobody waits to be accepted"
	case c.Name == "accept4":
		return "take a client out of the queue"
	case c.Name == "rt_sigtimedwait":
		return "sleep until a signal names a socket"
	case c.Name == "setsockopt" && strings.Contains(c.Args, "TIMEO"):
		return "say how long a call may sleep"
	}
	return fmt.Sprintf("see man 2 %s", c.Name)
}

// waited says it of Go's own loop too, where the code that was written says Read.
func (c Call) waited() string {
	own := slices.Contains(c.On, goEpoll)
	switch {
	case c.Result == "0" && c.Asleep > 0:
		return "sleep until a time is over"
	case c.Result == "0":
		return "look, and do not sleep: nothing ready"
	case c.Asleep > 0 && own:
		return fmt.Sprintf("Go's own loop sleeps for you: %s ready", c.Result)
	case c.Asleep > 0:
		return fmt.Sprintf("sleep until a socket is ready: %s is", c.Result)
	}
	return fmt.Sprintf("no need to sleep: %s is ready", c.Result)
}

func (c Call) read() string {
	switch {
	case slices.Contains(c.On, "signalfd") && c.Result != "EAGAIN":
		return "which socket did the signal name?"
	case slices.Contains(c.On, "eventfd"), slices.Contains(c.On, "pipe"):
		return "take the wake-up out"
	case c.Result == "EAGAIN":
		return "nothing has come; it does not block"
	case c.Result == "0":
		return "the client has said FIN"
	case c.Asleep > 0:
		return "sleep until bytes come: " + c.data()
	}
	return "take what has come: " + c.data()
}

func (c Call) wrote() string {
	switch {
	case slices.Contains(c.On, "eventfd"), slices.Contains(c.On, "pipe"):
		return "wake the loop"
	case c.Result == "EAGAIN":
		return "the kernel has no more room"
	}
	return "the kernel takes " + c.data()
}

var (
	literal = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	entry   = regexp.MustCompile(`>, (\d+), (\d+),`)
)

// data is the bytes in strace's spelling, from all pieces, if they are few; else
// how many there are.
func (c Call) data() string {
	var all strings.Builder
	for _, m := range literal.FindAllStringSubmatch(c.Args, -1) {
		all.WriteString(m[1])
	}
	if n := all.Len(); n == 0 || n > 15 {
		return c.Result + " bytes"
	}
	return all.String()
}

func (c Call) entered() string {
	m := entry.FindStringSubmatch(c.Args)
	switch {
	case m == nil:
		return "hand over requests, take results"
	case c.Asleep > 0:
		return fmt.Sprintf("hand over %s, sleep until %s is done", m[1], m[2])
	case m[2] == "0":
		return fmt.Sprintf("hand over %s, wait for none", m[1])
	}
	return fmt.Sprintf("hand over %s; %s is done already", m[1], m[2])
}

func (c Call) controlled() string {
	switch {
	case strings.Contains(c.Args, "EPOLL_CTL_ADD"):
		return "watch one more"
	case strings.Contains(c.Args, "EPOLL_CTL_DEL"):
		return "watch it no longer"
	case strings.Contains(c.Args, "EPOLLOUT"):
		return "watch it for room to write"
	}
	return "watch it for something to read"
}
