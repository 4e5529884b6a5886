//go:build !linux

package epoll

import (
	"context"
	"errors"
	"fmt"
	"net"

	"echolab/echo"
)

var errNotLinux = fmt.Errorf("epoll: %w: epoll(7) is Linux's; use a stack such as rawsocket here", errors.ErrUnsupported)

// A Server cannot be had on this system.
type Server struct{}

// Usable says why this package cannot run here.
func Usable() error { return errNotLinux }

// Listen and its kin return an error that says so.
func Listen(addr string, o echo.Options) (*Server, error)       { return nil, errNotLinux }
func ListenEdge(addr string, o echo.Options) (*Server, error)   { return nil, errNotLinux }
func ListenPoll(addr string, o echo.Options) (*Server, error)   { return nil, errNotLinux }
func ListenSelect(addr string, o echo.Options) (*Server, error) { return nil, errNotLinux }
func ListenSignal(addr string, o echo.Options) (*Server, error) { return nil, errNotLinux }

func (s *Server) Addr() net.Addr                  { return nil }
func (s *Server) Serve(ctx context.Context) error { return errNotLinux }

// A Conn cannot be had on this system.
type Conn struct{}

// Connect returns an error that says so.
func Connect(ctx context.Context, addr string, o echo.Options) (*Conn, error) {
	return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, errNotLinux)
}

func (c *Conn) Echo(ctx context.Context, msg []byte) ([]byte, error) { return nil, errNotLinux }
func (c *Conn) Close() error                                         { return nil }
