//go:build linux

package epoll_test

import (
	"context"
	"fmt"

	"echolab/echo"
	"echolab/epoll"
)

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server, err := epoll.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(ctx) }()

	conn, err := epoll.Connect(ctx, server.Addr().String(), echo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	reply, err := conn.Echo(ctx, []byte("hello"))
	fmt.Printf("%s %v\n", reply, err)

	conn.Close()
	stop()
	fmt.Println(<-served)
	// Output:
	// hello <nil>
	// <nil>
}
