// Package stacks is the table of implementations. A new one is a package and a
// row here; then every test, program, benchmark and page has it.
package stacks

import (
	"context"
	"fmt"
	"strings"

	"echolab/echo"
	"echolab/epoll"
	"echolab/rawsocket"
	"echolab/zmqversion"
)

// All returns the rows in the order in which they are shown.
func All() []echo.Stack {
	return []echo.Stack{
		{Name: "rawsocket", Model: "a goroutine each, in Read", Wire: echo.Framed,
			Listen: listen(rawsocket.Listen), Connect: connect(rawsocket.Connect)},
		{Name: "epoll", Model: "one goroutine, in epoll_wait", Wire: echo.Framed,
			Listen: listen(epoll.Listen), Connect: connect(epoll.Connect), Usable: epoll.Usable},
		{Name: "zmq", Model: "the library, behind Recv", Wire: echo.ZMTP,
			Listen: listen(zmqversion.Listen), Connect: connect(zmqversion.Connect)},
	}
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
