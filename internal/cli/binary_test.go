package cli_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"echolab/internal/cli"

	"github.com/stretchr/testify/require"
)

// binaries is where the programs are built, once: go run turns every failure
// into exit code 1, and passes no signal on.
var binaries string

var build = sync.OnceValue(func() error {
	// A cached result stands for the files that the test opened. This package's
	// imports count by themselves; the mains are no import of anybody.
	err := filepath.WalkDir("../../cmd", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		_, err = os.ReadFile(path)
		return err
	})
	if err != nil {
		return err
	}
	command := exec.Command("go", "build", "-o", binaries+"/", "./cmd/...")
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		return errors.New(string(out))
	}
	return nil
})

// stubborn is a program that does not stop when it is told to.
func stubborn(ctx context.Context, _ []string, env cli.Env) error {
	fmt.Fprintln(env.Stdout, "running")
	<-ctx.Done()
	fmt.Fprintln(env.Stdout, "stopping")
	time.Sleep(time.Minute)
	return nil
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "stubborn" {
		cli.Main("stubborn", stubborn)
	}
	dir, err := os.MkdirTemp("", "echolab")
	if err != nil {
		panic(err)
	}
	binaries = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// process is a running program.
type process struct {
	t              *testing.T
	command        *exec.Cmd
	stdout, stderr *bufio.Reader
	stdin          io.WriteCloser
	reader         io.Closer // of stdout
}

// start starts a program; it does not outlive the test, nor half a minute.
func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	require.NoError(t, build())
	return startFile(t, filepath.Join(binaries, name), args...)
}

func startFile(t *testing.T, path string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	p := &process{t: t, command: exec.CommandContext(ctx, path, args...)}
	stdout, err := p.command.StdoutPipe()
	require.NoError(t, err)
	stderr, err := p.command.StderrPipe()
	require.NoError(t, err)
	p.stdin, err = p.command.StdinPipe()
	require.NoError(t, err)
	p.reader = stdout
	p.stdout, p.stderr = bufio.NewReader(stdout), bufio.NewReader(stderr)
	require.NoError(t, p.command.Start())
	t.Cleanup(func() {
		cancel()
		p.command.Wait() // an error where end has waited already
	})
	return p
}

// line returns the next line of r, which is p.stdout or p.stderr.
func (p *process) line(r *bufio.Reader) string {
	p.t.Helper()
	line, err := r.ReadString('\n')
	require.NoError(p.t, err, "the program wrote %q and stopped", line)
	return strings.TrimSuffix(line, "\n")
}

// address returns what follows prefix in the next line.
func (p *process) address(r *bufio.Reader, prefix string) string {
	p.t.Helper()
	line := p.line(r)
	require.Contains(p.t, line, prefix)
	return strings.TrimPrefix(line, prefix)
}

func (p *process) interrupt() { require.NoError(p.t, p.command.Process.Signal(os.Interrupt)) }

// end waits for the program's end and returns its exit code and the rest of what
// it wrote.
func (p *process) end() (code int, stdout, stderr string) {
	p.t.Helper()
	p.stdin.Close()
	var all sync.WaitGroup
	var out, errs []byte
	all.Go(func() { out, _ = io.ReadAll(p.stdout) })
	all.Go(func() { errs, _ = io.ReadAll(p.stderr) })
	all.Wait()
	p.command.Wait() // its error is the exit code
	return p.command.ProcessState.ExitCode(), string(out), string(errs)
}
