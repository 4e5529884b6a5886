package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is the cause with which a signal ends a program's context.
var errInterrupted = errors.New("interrupted")

// untilSignal returns a context that ends at the first SIGINT (Ctrl-C) or
// SIGTERM: the program may say goodbye. The second one ends the process at once,
// with 128 plus the signal's number as shells count it: 130 for Ctrl-C.
//
// Its goroutine is never waited for; only the end of the process ends it.
func untilSignal() context.Context {
	// A write to a pipe that nobody reads then fails with EPIPE, as on a socket.
	// Without this Go keeps up signal(7)'s custom for standard output: it dies.
	signal.Ignore(syscall.SIGPIPE)

	signals := make(chan os.Signal, 2) // Notify drops what does not fit
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancelCause(context.Background())
	go func() {
		<-signals
		stop(errInterrupted)
		again := <-signals
		os.Exit(128 + int(again.(syscall.Signal)))
	}()
	return ctx
}
