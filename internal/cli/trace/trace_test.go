package trace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/cli/trace"
)

// log is what strace wrote of rawsocket, shortened: two threads take turns, and a
// line of one cuts a call of the other in two.
const log = `700 99.000000 execve("/lab", ["/lab", "server"], 0x7ffd /* 9 vars */) = 0 <0.000358>
700 99.100000 epoll_create1(EPOLL_CLOEXEC) = 7<anon_inode:[eventpoll]> <0.000010>
700 99.200000 epoll_ctl(7<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 8<anon_inode:[eventfd]>, {events=EPOLLIN, data={u32=8, u64=8}}) = 0 <0.000010>
700 99.900000 read(6<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, 0xc000, 512) = -1 EAGAIN (Resource temporarily unavailable) <0.000010>
700 99.950000 epoll_pwait(7<anon_inode:[eventpoll]>,  <unfinished ...>
701 99.951000 nanosleep({tv_sec=0, tv_nsec=20000},  <unfinished ...>
701 99.952000 <... nanosleep resumed>NULL) = 0 <0.001000>
701 99.953000 futex(0x7b, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>
700 100.000150 <... epoll_pwait resumed>[{events=EPOLLIN, data={u32=1, u64=1}}], 128, -1, NULL, 0) = 1 <0.050150>
700 100.000200 futex(0x7b, FUTEX_WAKE_PRIVATE, 1) = 1 <0.000020>
701 100.000230 <... futex resumed>) = 0 <0.047230>
701 100.000240 --- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=700, si_uid=0} ---
701 100.000250 rt_sigreturn({mask=[]}) = 202 <0.000010>
701 100.000300 read(6<TCP:[127.0.0.1:9000->127.0.0.1:50001]>,  <unfinished ...>
700 100.000305 epoll_pwait(7<anon_inode:[eventpoll]>, [], 128, 0, NULL, 0) = 0 <0.000010>
701 100.000320 <... read resumed>"\0\0\0\5hello", 512) = 9 <0.000020>
701 100.000400 writev(6<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, [{iov_base="\0\0\0\5", iov_len=4}, {iov_base="hello", iov_len=5}], 2) = 9 <0.000050>
701 100.000500 read(6<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, 0xc000, 512) = -1 EAGAIN (Resource temporarily unavailable) <0.000010>
701 100.000600 epoll_pwait(7<anon_inode:[eventpoll]>,  <unfinished ...>
702 100.000700 +++ exited with 0 +++
701 100.051000 <... epoll_pwait resumed>[{events=EPOLLIN, data={u32=1, u64=1}}], 128, -1, NULL, 0) = 1 <0.050400>
701 100.052000 read(6<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, "", 512) = 0 <0.000010>
701 100.053000 exit_group(0) = ?
`

func TestExplain(t *testing.T) {
	at := func(micros int64) time.Time { return time.UnixMicro(micros) }
	echoes, err := trace.Explain([]byte(log), []time.Time{at(100_000_000), at(100_050_000), at(100_090_000)})
	require.NoError(t, err)
	require.Len(t, echoes, 2)
	type seen struct {
		name, on, result, plain string
		asleep                  time.Duration
	}
	see := func(e trace.Echo) (all []seen) {
		for _, c := range e.Calls {
			on := ""
			if len(c.On) > 0 {
				on = c.On[0]
			}
			all = append(all, seen{c.Name, on, c.Result, c.Plain, c.Asleep})
		}
		return all
	}
	require.Equal(t, []seen{
		{"epoll_pwait", "Go's epoll", "1", "Go's own loop sleeps for you: 1 ready", 50_150 * time.Microsecond},
		{"epoll_pwait", "Go's epoll", "0", "look, and do not sleep: nothing ready", 0},
		{"read", "client", "9", `take what has come: \0\0\0\5hello`, 0},
		{"writev", "client", "9", `the kernel takes \0\0\0\5hello`, 0},
		{"read", "client", "EAGAIN", "nothing has come; it does not block", 0},
	}, see(echoes[0]))
	require.Equal(t, map[string]int{"futex": 2, "rt_sigreturn": 1}, echoes[0].Hidden)
	require.Equal(t, `6<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, "\0\0\0\5hello", 512`, echoes[0].Calls[2].Args)
	require.Equal(t, []seen{
		{"epoll_pwait", "Go's epoll", "1", "Go's own loop sleeps for you: 1 ready", 50_400 * time.Microsecond},
		{"read", "client", "0", "the client has said FIN", 0},
		{"exit_group", "", "?", "see man 2 exit_group", 0},
	}, see(echoes[1]))
	require.Empty(t, echoes[1].Hidden)
}

// A call of each kind, in words that fit beside it.
func TestPlainWords(t *testing.T) {
	for _, test := range []struct{ call, on, plain string }{
		{`accept4(3<TCP:[127.0.0.1:9000]>, {sa_family=AF_INET}, [16], SOCK_CLOEXEC) = 4<TCP:[127.0.0.1:9000->127.0.0.1:50001]> <0.000009>`, "listener", "take a client out of the queue"},
		{`accept4(3<TCP:[127.0.0.1:9000]>, 0xc0, [112], 0) = -1 EAGAIN (Resource temporarily unavailable) <0.000009>`, "listener", "nobody waits to be accepted"},
		{`read(4<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, "\0\0\0\5hello", 512) = 9 <0.050000>`, "client", `sleep until bytes come: \0\0\0\5hello`},
		{`read(4<socket:[8]>, "\0\1\1\0aaaaaaaaaaaaaaaaaaaaaaaaaaaa"..., 512) = 260 <0.000009>`, "socket", "take what has come: 260 bytes"},
		{`read(4<socket:[8]>, 0xc000, 512) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.004000>`, "socket", "a signal came; it begins again"},
		{`write(4<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, "\0\0\1\0 = 5) = 7", 260) = -1 EAGAIN (Resource temporarily unavailable) <0.000009>`, "client", "the kernel has no more room"},
		{`epoll_wait(5<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=9, u64=9}}], 256, -1) = 1 <0.049000>`, "epoll", "sleep until a socket is ready: 1 is"},
		{`epoll_wait(5<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=9, u64=9}}], 256, -1) = 1 <0.000009>`, "epoll", "no need to sleep: 1 is ready"},
		{`epoll_wait(5<anon_inode:[eventpoll]>, [], 256, 100) = 0 <0.100000>`, "epoll", "sleep until a time is over"},
		{`epoll_ctl(5<anon_inode:[eventpoll]>, EPOLL_CTL_MOD, 4<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, {events=EPOLLOUT}) = 0 <0.000009>`, "epoll client", "watch it for room to write"},
		{`poll([{fd=3<TCP:[127.0.0.1:9000]>, events=POLLIN}, {fd=6<pipe:[77]>, events=POLLIN}, {fd=4<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, events=POLLIN}], 3, -1) = 1 ([{fd=4<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, revents=POLLIN}]) <0.050000>`, "listener pipe client", "sleep until a socket is ready: 1 is"},
		{`pselect6(7, [3<TCP:[127.0.0.1:9000]> 6<pipe:[77]>], [], NULL, NULL, NULL) = 1 (in [6<pipe:[77]>]) <0.050000>`, "listener pipe", "sleep until a socket is ready: 1 is"},
		{`read(6<pipe:[77]>, "\0", 16) = 1 <0.000009>`, "pipe", "take the wake-up out"},
		{`write(8<anon_inode:[eventfd]>, "\1\0\0\0\0\0\0\0", 8) = 8 <0.000009>`, "eventfd", "wake the loop"},
		{`read(5<anon_inode:[signalfd]>, [{ssi_signo=36, ssi_fd=4}], 128) = 128 <0.050000>`, "signalfd", "which socket did the signal name?"},
		{`io_uring_enter(5<anon_inode:[io_uring]>, 1, 1, IORING_ENTER_GETEVENTS, NULL, 8) = 1 <0.050000>`, "io_uring", "hand over 1, sleep until 1 is done"},
		{`io_uring_enter(5<anon_inode:[io_uring]>, 2, 0, 0, NULL, 8) = 2 <0.000050>`, "io_uring", "hand over 2, wait for none"},
		{`setsockopt(4<TCP:[127.0.0.1:9000->127.0.0.1:50001]>, SOL_SOCKET, SO_RCVTIMEO_OLD, "\0", 16) = 0 <0.000009>`, "client", "say how long a call may sleep"},
	} {
		echoes, err := trace.Explain([]byte("7 100.000000 "+test.call+"\n"), []time.Time{time.Unix(100, 0), time.Unix(101, 0)})
		require.NoError(t, err)
		require.Len(t, echoes[0].Calls, 1, test.call)
		call := echoes[0].Calls[0]
		var on string
		for i, name := range call.On {
			if i > 0 {
				on += " "
			}
			on += name
		}
		require.Equal(t, test.on, on, test.call)
		require.Equal(t, test.plain, call.Plain, test.call)
		require.LessOrEqual(t, len(call.Plain), 38, test.call)
	}
}

// What is no line of strace's is an error, not an echo with less in it.
func TestExplainRefusesWhatItDoesNotKnow(t *testing.T) {
	_, err := trace.Explain([]byte("7 100.000000 close(3) = 0 <0.000009>\nsomething else\n"), make([]time.Time, 2))
	require.ErrorContains(t, err, `strace wrote a line that is none of its own: "something else\n"`)
}
