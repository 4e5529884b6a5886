package cli

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode"

	"echolab/echo"
)

// Responder is the server of the course note: it answers World to everything.
func Responder(ctx context.Context, args []string, env Env) error {
	listen, delay := "", time.Second
	f := newFlags("responder", "responder prints each request, works for a second and answers World: the\nserver of the course note. Ctrl-C stops it.")
	f.address(&listen, "listen", "tcp://127.0.0.1:8000", "the `ENDPOINT` to bind; tcp://*:8000 is every interface", endpoint(toListen))
	f.duration(&delay, "delay", "the time `D` that a request takes")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	zmq, err := find(env.Stacks, "zmq")
	if err != nil {
		return err
	}

	// count and unprinted are the handler's until Serve returns: a REP socket has
	// one request at a time.
	count := 0
	var unprinted error
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	say := func(format string, a any) {
		if _, err := fmt.Fprintf(env.Stdout, format, a); err != nil {
			unprinted = err
			stop()
		}
	}
	s, err := zmq.Listen(listen, echo.Options{Handler: func(request []byte) []byte {
		say("%s.\n", printable(request))
		pause(ctx, delay)
		say("send world to client with count=%d.\n", count)
		count++
		return []byte("World")
	}})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stderr, "listening on tcp://%s\n", s.Addr())
	err = s.Serve(ctx)
	return errors.Join(unprinted, err)
}

// printable is a peer's text without what a terminal would obey.
func printable(text []byte) string {
	shown := []rune(string(text))
	for i, r := range shown {
		if !unicode.IsPrint(r) {
			shown[i] = unicode.ReplacementChar
		}
	}
	return string(shown)
}
