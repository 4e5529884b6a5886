package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"echolab/echo"
	"echolab/echo/session"
	"echolab/internal/cli/compare"
)

// client is one run of the program: a connection, and what to send over it.
type client struct {
	row     echo.Stack
	options echo.Options
	connect []string
	once    bool
	timeout time.Duration // for each echo; zero: none

	messages source
	n        int // messages to send; zero: as many as there are
	stdout   io.Writer
	tally    tally
}

// Client sends messages to echo servers and prints their replies.
func Client(ctx context.Context, args []string, env Env) error {
	c := client{
		options: echo.Options{}.WithDefaults(),
		timeout: 30 * time.Second,
		stdout:  env.Stdout,
	}
	f := newFlags("client", "client sends messages and prints the replies, a line each: -text, or random\nbytes of -size, which it checks and does not print, or else the lines of\nstandard input.")
	f.stack(&c.row, env.Stacks)
	f.addresses(&c.connect, "connect", example, "the server's `HOST:PORT`; with several (a,b) they take turns", toConnect)
	f.integer(&c.options.MaxMessage, "max", 1, 1<<30, "the largest message, in `BYTES`")
	f.duration(&c.timeout, "timeout", "give up when an echo takes longer than `D`; 0 waits for ever")
	f.toggle(&c.once, "once", "one bare connection: nothing is retried or resent")
	choose := messageFlags(f, &c.n)
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	if c.once && len(c.connect) > 1 {
		return usagef("-once with %d addresses: it connects to one", len(c.connect))
	}
	var err error
	if c.messages, err = choose(env.Stdin, c.options.MaxMessage); err != nil {
		return err
	}
	err = c.run(ctx)
	fmt.Fprintf(env.Stderr, "%v%s\n", &c.tally, c.messages.note)
	return err
}

// run connects, and sends one message after the other.
func (c *client) run(ctx context.Context) error {
	conn, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for c.n == 0 || c.tally.sent < c.n {
		msg, err := c.messages.next(ctx, c.tally.sent)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.echo(ctx, conn, msg); err != nil {
			return fmt.Errorf("message %d: %w", c.tally.sent, err)
		}
	}
	return nil
}

// open returns a session, or with -once a bare connection: both can echo and close.
func (c *client) open(ctx context.Context) (echo.Conn, error) {
	if !c.once {
		return session.Dial(c.row.Connect, c.connect, session.Options{Echo: c.options})
	}
	ctx, cancel := c.limit(ctx)
	defer cancel()
	return c.row.Connect(ctx, c.connect[0], c.options)
}

// echo sends msg and counts, checks and prints its reply.
func (c *client) echo(ctx context.Context, conn echo.Conn, msg []byte) error {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	c.tally.sent++
	start := time.Now()
	reply, err := conn.Echo(ctx, msg)
	if err != nil {
		return err
	}
	c.tally.add(time.Since(start))
	if !c.messages.random {
		_, err := fmt.Fprintf(c.stdout, "%s\n", reply)
		return err
	}
	if differs := compare.Difference(msg, reply); differs != "" {
		return errors.New("the reply is not the message: " + differs)
	}
	return nil
}

func (c *client) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

// tally counts echoes.
type tally struct {
	sent, replies          int
	fastest, slowest, over time.Duration // over: all of them together
}

func (t *tally) add(d time.Duration) {
	if t.replies == 0 || d < t.fastest {
		t.fastest = d
	}
	t.slowest = max(t.slowest, d)
	t.over += d
	t.replies++
}

func (t *tally) String() string {
	s := fmt.Sprintf("%s, %s", plural(t.sent, "message", "messages"), plural(t.replies, "reply", "replies"))
	if t.replies > 0 {
		s += fmt.Sprintf("; fastest %s, mean %s, slowest %s", short(t.fastest), short(t.over/time.Duration(t.replies)), short(t.slowest))
	}
	return s
}
