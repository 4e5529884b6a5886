//go:build linux

package load

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Process is a server in a process of its own, on one processor.
type Process struct {
	Addr string

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Start runs cmd on one processor and waits until it has printed a line
// "READY HOST:PORT". Pin must not have been called on this goroutine.
func Start(cmd *exec.Cmd, processor int) (*Process, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// fork(2) copies the processors of the thread that calls it, before the new
	// program has any threads: set later, they would not hold for all of them.
	unpin, err := Pin(processor)
	if err != nil {
		return nil, err
	}
	err = cmd.Start()
	unpin()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, in: in, out: bufio.NewReader(out)}
	line, err := p.out.ReadString('\n')
	addr, ready := strings.CutPrefix(strings.TrimSpace(line), "READY ")
	if !ready {
		p.Stop()
		return nil, fmt.Errorf("%s: printed %q, want READY HOST:PORT (%v)", cmd, line, err)
	}
	p.Addr = addr
	return p, nil
}

// CPU is the processor time used by all threads, those that ended included.
func (p *Process) CPU() (time.Duration, error) {
	// The clock of another process, as clock_getcpuclockid(3) computes it: the
	// complement of its number and, in three bits, 2 for time as scheduled.
	clock := int32(^p.cmd.Process.Pid<<3 | 2)
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 0, os.NewSyscallError("clock_gettime", err)
	}
	return time.Duration(ts.Nano()), nil
}

// Resident is the memory that the process has in RAM, in bytes; the kernel's
// socket buffers are not in it.
func (p *Process) Resident() (int, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	var size, resident int
	if _, err := fmt.Sscan(string(raw), &size, &resident); err != nil {
		return 0, fmt.Errorf("statm: %w", err)
	}
	return resident * os.Getpagesize(), nil
}

// Ask writes a line to the program and reads one, for what only it can know.
func (p *Process) Ask(question string) (string, error) {
	if _, err := fmt.Fprintln(p.in, question); err != nil {
		return "", err
	}
	line, err := p.out.ReadString('\n')
	return strings.TrimSpace(line), err
}

// Stop kills the program and waits for its end.
func (p *Process) Stop() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// Pin keeps the calling goroutine on one thread and that on one processor, until
// unpin.
func Pin(processor int) (unpin func(), err error) {
	runtime.LockOSThread()
	var before, only unix.CPUSet
	only.Set(processor)
	if err = unix.SchedGetaffinity(0, &before); err == nil {
		err = unix.SchedSetaffinity(0, &only)
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, os.NewSyscallError("sched_setaffinity", err)
	}
	return func() {
		unix.SchedSetaffinity(0, &before)
		runtime.UnlockOSThread()
	}, nil
}
