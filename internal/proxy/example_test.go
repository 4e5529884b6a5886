package proxy_test

import (
	"fmt"
	"io"
	"net"

	"echolab/internal/proxy"
)

// One write, three segments: what a reader must expect of TCP.
func Example() {
	server, _ := net.Listen("tcp", "127.0.0.1:0")
	defer server.Close()
	p, _ := proxy.New(proxy.Options{
		Target: server.Addr().String(),
		Up:     []proxy.Fault{proxy.Slice(3, 5, 0)},
		Tap: func(e proxy.Event) {
			fmt.Printf("%d up=%t %v %q\n", e.Conn, e.Up, e.Kind, e.Bytes)
		},
	})

	client, _ := net.Dial("tcp", p.Addr())
	io.WriteString(client, "hello, world")
	client.Close()
	conn, _ := server.Accept()
	io.ReadAll(conn)
	p.Close()
	conn.Close()
	// Output:
	// 1 up=true data "hell"
	// 1 up=true data "o, wo"
	// 1 up=true data "rld"
	// 1 up=true FIN ""
}
