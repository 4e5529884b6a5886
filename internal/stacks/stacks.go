// Package stacks is the table of implementations. A new one is a package and a
// row here; then every test, program, benchmark and page has it.
package stacks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"echolab/echo"
	"echolab/epoll"
	"echolab/rawsocket"
	"echolab/uring"
	"echolab/zmqversion"
)

// table is the rows in the order in which they are shown. A framed row without a
// client of its own has no Connect here.
func table() []echo.Stack {
	return []echo.Stack{
		{
			Name: "iterative", Model: "one client; the others queue", Wire: echo.Framed,
			Listen: listen(rawsocket.ListenIterative), Usable: rawsocket.IterativeUsable, Excuse: excuseIterative(),
		},
		{
			Name: "rawsocket", Model: "a goroutine each, in Read", Wire: echo.Framed,
			Listen: listen(rawsocket.Listen), Connect: connect(rawsocket.Connect),
		},
		{
			Name: "select", Model: "one goroutine, in select", Wire: echo.Framed,
			Listen: listen(epoll.ListenSelect), Usable: epoll.Usable,
			Excuse: map[string]string{"server/many-clients": "select(2) can watch descriptors 0 to 1023 only"},
		},
		{
			Name: "poll", Model: "one goroutine, in poll", Wire: echo.Framed,
			Listen: listen(epoll.ListenPoll), Usable: epoll.Usable,
		},
		{
			Name: "signal", Model: "one goroutine, for a signal", Wire: echo.Framed,
			Listen: listen(epoll.ListenSignal), Usable: epoll.Usable,
		},
		{
			Name: "epoll", Model: "one goroutine, in epoll_wait", Wire: echo.Framed,
			Listen: listen(epoll.Listen), Connect: connect(epoll.Connect), Usable: epoll.Usable,
		},
		{
			Name: "epoll-edge", Model: "one goroutine, edge-triggered", Wire: echo.Framed,
			Listen: listen(epoll.ListenEdge), Usable: epoll.Usable,
		},
		{
			Name: "uring", Model: "one goroutine, in io_uring_enter", Wire: echo.Framed,
			Listen: listen(uring.Listen), Usable: uring.Usable,
		},
		{
			Name: "zmq", Model: "the library, behind Recv", Wire: echo.ZMTP,
			Listen: listen(zmqversion.Listen), Connect: connect(zmqversion.Connect),
		},
	}
}

// All returns every row; those without a client of their own have rawsocket's.
func All() []echo.Stack {
	rows := table()
	for i := range rows {
		if rows[i].Connect == nil {
			rows[i].Connect = connect(rawsocket.Connect)
		}
	}
	return rows
}

// Clients returns the rows that have a client of their own: a row a client.
func Clients() []echo.Stack {
	return slices.DeleteFunc(table(), func(s echo.Stack) bool { return s.Connect == nil })
}

// Find returns the row of that name, or an error that lists the names there are.
func Find(name string) (echo.Stack, error) {
	var names []string
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return echo.Stack{}, fmt.Errorf("no stack is called %q; there are %s", name, strings.Join(names, ", "))
}

// listen and connect turn a package's own types into the contract's. A nil
// *Server must not become an interface that is not nil.
func listen[S echo.Server](f func(string, echo.Options) (S, error)) func(string, echo.Options) (echo.Server, error) {
	return func(addr string, o echo.Options) (echo.Server, error) {
		s, err := f(addr, o)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

func connect[C echo.Conn](f func(context.Context, string, echo.Options) (C, error)) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		c, err := f(ctx, addr, o)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
}
