//go:build linux

package uring_test

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/uring"
)

// refuse makes io_uring_setup(2) fail with errno for the calling thread, for good.
// It is what a container's seccomp profile does: a program in the kernel, run
// before each system call, which looks at its number (seccomp(2)).
func refuse(errno unix.Errno) error {
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // offsetof(struct seccomp_data, nr)
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_IO_URING_SETUP, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	filter := &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(filter)), 0, 0)
}

func TestRefusalInWords(t *testing.T) {
	leakless(t)
	for errno, words := range map[unix.Errno]string{
		unix.EPERM:  "a seccomp profile refuses it",
		unix.EINVAL: "Linux 6.1 is needed",
		unix.ENOSYS: "built without io_uring",
	} {
		var refused, usable, listen error
		done := make(chan bool)
		go func() {
			defer close(done)
			runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
			if refused = refuse(errno); refused == nil {
				usable = uring.Usable()
				_, listen = uring.Listen("127.0.0.1:0", echo.Options{})
			}
		}()
		<-done
		require.NoError(t, refused)
		for _, err := range []error{usable, listen} {
			require.ErrorIs(t, err, errno)
			require.ErrorContains(t, err, words)
		}
	}
	require.NoError(t, uring.Usable())
}
