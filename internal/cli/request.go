package cli

import (
	"context"
	"fmt"

	"echolab/echo/session"
)

// Request is the client of the course note: hello, 50 times, to two servers in turn.
//
// With nobody on port 9000 the note's own client prints "Send hello_0 to server."
// and hangs. libzmq's connect never fails, so its socket deals hello_0 to port 9000
// and keeps it until somebody listens there (ZMQ_IMMEDIATE would deal to live
// servers only). A session passes over an endpoint that it cannot reach, until it
// can, and sends a request whose connection was lost to the next one.
func Request(ctx context.Context, args []string, env Env) error {
	connect, n := []string{}, 50
	f := newFlags("request", "request sends hello_0, hello_1 … to the servers in turn, and waits for each\nreply: the client of the course note. The servers may be started later.")
	f.addresses(&connect, "connect", "tcp://127.0.0.1:9000,tcp://127.0.0.1:8000", "the servers, `ENDPOINTS` separated by commas", endpoint(toConnect))
	f.integer(&n, "n", 1, 1_000_000_000, "how many requests, `N`")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	zmq, err := find(env.Stacks, "zmq")
	if err != nil {
		return err
	}

	if _, err := fmt.Fprintln(env.Stdout, "Connecting to hello world server…"); err != nil {
		return err
	}
	s, err := session.Dial(zmq.Connect, connect, session.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range n {
		if err := hello(ctx, s, i, env); err != nil {
			return err
		}
	}
	return nil
}

// hello makes request i and waits for its reply.
func hello(ctx context.Context, s *session.Session, i int, env Env) error {
	request := fmt.Sprintf("hello_%d", i)
	if _, err := fmt.Fprintf(env.Stdout, "Send %s to server.\n", request); err != nil {
		return err
	}
	reply, err := s.Echo(ctx, []byte(request))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "Received %s.\n", printable(reply))
	return err
}
