package trace

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	toStart = 10 * time.Second // a server under strace needs half a second
	toStop  = 5 * time.Second
)

// A traced server is a process of ours under strace.
type traced struct {
	addr   string
	cmd    *exec.Cmd // strace
	log    string    // what it writes, a file
	cancel context.CancelFunc
	stderr bytes.Buffer
}

// start runs command under strace until it has said READY.
func start(ctx context.Context, command []string) (*traced, error) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return nil, ErrMissing
	}
	log, err := os.CreateTemp("", "lab-trace-")
	if err != nil {
		return nil, err
	}
	log.Close()
	ctx, cancel := context.WithCancel(ctx)
	t := &traced{log: log.Name(), cancel: cancel}
	t.cmd = exec.CommandContext(ctx, strace, append([]string{
		"-f",         // every thread
		"-ttt", "-T", // when a call began, and how long it took
		"-yy",         // what a descriptor is
		"-a1", "-s32", // no padding; this much of a string
		"-o", log.Name(),
	}, command...)...)
	t.cmd.Cancel = t.interrupt
	t.cmd.WaitDelay = toStop
	t.cmd.Stderr = &t.stderr
	if err := t.ready(); err != nil {
		cancel()
		t.cmd.Wait() // its error is in stderr, in words
		defer os.Remove(t.log)
		return nil, t.explain(err)
	}
	return t, nil
}

// ready waits for the server's READY line.
func (t *traced) ready() error {
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := t.cmd.Start(); err != nil {
		return err
	}
	late := time.AfterFunc(toStart, t.cancel)
	defer late.Stop()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server under strace did not start: %w", err)
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "READY ")
	if !ok {
		return fmt.Errorf("the server under strace printed %q, not READY HOST:PORT", line)
	}
	t.addr = addr
	return nil
}

// explain says why there was no server: when strace has traced nothing, it was
// not allowed to.
func (t *traced) explain(err error) error {
	said := strings.TrimSpace(t.stderr.String())
	last := said[strings.LastIndexByte(said, '\n')+1:]
	if _, pidErr := t.pid(); pidErr != nil {
		return fmt.Errorf("%w (it says %q)", ErrRefused, last)
	}
	return fmt.Errorf("%w (it says %q)", err, last)
}

// stop ends the server, and strace with it, and returns what strace wrote.
func (t *traced) stop() ([]byte, error) {
	defer os.Remove(t.log)
	t.cancel()
	if err := t.cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("strace: %w: %s", err, t.stderr.String())
	}
	return os.ReadFile(t.log)
}

// interrupt signals the server. strace itself is deaf to it: with -o it blocks
// signals, and it ends when there is nothing left to trace.
func (t *traced) interrupt() error {
	pid, err := t.pid()
	if err != nil {
		return t.cmd.Process.Kill() // it traces nothing
	}
	server, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return server.Signal(os.Interrupt)
}

// pid is the server's, with which strace begins its first line.
func (t *traced) pid() (int, error) {
	log, err := os.Open(t.log)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	line, err := bufio.NewReader(log).ReadString(' ')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line))
}
