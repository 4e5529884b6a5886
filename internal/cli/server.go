package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"echolab/echo"
)

// Server runs the echo server of one stack until ctx is done.
func Server(ctx context.Context, args []string, env Env) error {
	var (
		row    echo.Stack
		o      = echo.Options{}.WithDefaults()
		listen string
		reply  string
		delay  time.Duration
		log    bool
	)
	f := newFlags("server", "server echoes every message, over the stack that you choose. It prints\nREADY HOST:PORT once a client can connect. Ctrl-C stops it.")
	f.stack(&row, env.Stacks)
	f.address(&listen, "listen", example, "the `HOST:PORT` to bind; port 0 asks for a free one", toListen)
	f.integer(&o.MaxMessage, "max", 1, 1<<30, "the largest message, in `BYTES`")
	f.integer(&o.MaxClients, "clients", 1, 1<<20, "the most open connections, `N`; one more is closed at once")
	f.text(&reply, "reply", "answer `TEXT` to everything, in place of the message itself")
	f.duration(&delay, "delay", "think for the time `D` over every message")
	f.toggle(&log, "v", "log connections to standard error")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	if f.given("reply") && len(reply) > o.MaxMessage {
		return usagef("-reply: %d bytes, and -max allows %d", len(reply), o.MaxMessage)
	}

	if fixed := f.given("reply"); fixed || delay > 0 {
		o.Handler = func(request []byte) []byte {
			pause(ctx, delay)
			if fixed {
				return []byte(reply)
			}
			return request
		}
	}
	if log {
		o.Log = slog.New(slog.NewTextHandler(env.Stderr, nil))
	}
	return serve(ctx, row, listen, o, env)
}

// serve binds, says so, and serves until ctx is done.
func serve(ctx context.Context, row echo.Stack, listen string, o echo.Options, env Env) error {
	s, err := row.Listen(listen, o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	_, err = fmt.Fprintf(env.Stdout, "READY %s\n", s.Addr())
	if err != nil {
		stop() // whoever was to connect will never know where
	} else if env.Progress {
		fmt.Fprintf(env.Stderr, "In another terminal:  go run ./cmd/client -stack %s -connect %s -text hello\n", row.Name, s.Addr())
	}
	return errors.Join(err, s.Serve(ctx))
}

// pause waits for d, or less when ctx is done: then the reply is made at once,
// while it can still leave.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
