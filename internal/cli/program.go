// Package cli holds the lab's programs, and what they share: flags, sentences
// for wrong usage, signals, exit codes.
//
// A program is a function of its arguments and streams, so that a test runs it
// like any other function. Two things end one early: a signal, which ends its
// context and so wakes whatever it waits in; and the reader of its output, which
// leaves, as in `lab | head -1`, and makes the next write fail.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"

	"echolab/echo"
	"echolab/internal/stacks"
)

// Env is what a program works with.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Colour         bool         // Stdout may be coloured
	Progress       bool         // a person watches Stderr
	Stacks         []echo.Stack // the table
}

// A Program returns when it is done or ctx is. Its error is printed by Run.
type Program func(ctx context.Context, args []string, env Env) error

// Exit codes.
const (
	Done   = 0
	Failed = 1
	Usage  = 2
)

// Main runs a program in this process, and ends the process with its exit code.
func Main(name string, program Program) {
	ctx := untilSignal()
	os.Exit(Run(ctx, name, program, os.Args[1:], Env{
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Colour:   isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		Progress: isTerminal(os.Stderr),
		Stacks:   stacks.All(),
	}))
}

// Run runs a program and returns its exit code. What went wrong is a line on
// env.Stderr that begins with the program's name.
func Run(ctx context.Context, name string, program Program, args []string, env Env) int {
	env.Stdout = output{env.Stdout}
	err := program(ctx, args, env)
	var wrong *usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return Done
	case errors.Is(err, errReaderLeft):
		return Failed // there is nobody to tell
	case errors.Is(context.Cause(ctx), errInterrupted):
		err = errInterrupted // whatever failed, failed because of it
	}
	fmt.Fprintf(env.Stderr, "%s: %v\n", name, err)
	if errors.As(err, &wrong) {
		return Usage
	}
	return Failed
}

// errReaderLeft: the program's output is a pipe that nobody reads any more.
var errReaderLeft = errors.New("the reader of the output has left")

// output gives EPIPE on the program's own output a name of its own, because the
// same errno from a socket means that a peer has left, and that must be told.
type output struct{ w io.Writer }

func (o output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		err = errReaderLeft
	}
	return n, err
}

// isTerminal reports whether f is a terminal, as far as its kind of file tells:
// /dev/null passes too, where it does no harm.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
