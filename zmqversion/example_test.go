package zmqversion_test

import (
	"context"
	"fmt"

	"echolab/echo"
	"echolab/zmqversion"
)

func Example() {
	server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() { served <- server.Serve(ctx) }()

	conn, err := zmqversion.Connect(ctx, server.Addr().String(), echo.Options{})
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
