package session_test

import (
	"context"
	"fmt"

	"echolab/echo"
	"echolab/echo/session"
)

// signed is a connection to a server that signs its replies.
type signed struct{ addr string }

func (s signed) Echo(_ context.Context, msg []byte) ([]byte, error) {
	return fmt.Appendf(nil, "%s from %s", msg, s.addr), nil
}
func (signed) Close() error { return nil }

// Any Connect will do: rawsocket.Connect, epoll.Connect, or, as here, none with a
// network behind it. The first of the two servers is down.
func Example() {
	connect := func(_ context.Context, addr string, _ echo.Options) (echo.Conn, error) {
		if addr == "127.0.0.1:9000" {
			return nil, fmt.Errorf("%w: connection refused", echo.ErrNoServer)
		}
		return signed{addr}, nil
	}
	s, err := session.Dial(connect, []string{"127.0.0.1:9000", "127.0.0.1:8000"}, session.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	reply, err := s.Echo(context.Background(), []byte("hello"))
	fmt.Println(string(reply), err)
	// Output: hello from 127.0.0.1:8000 <nil>
}
