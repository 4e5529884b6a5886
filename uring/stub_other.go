//go:build !linux

package uring

import (
	"context"
	"errors"
	"fmt"
	"net"

	"echolab/echo"
)

var errNotLinux = fmt.Errorf("uring: %w: io_uring(7) is Linux's; use a stack such as rawsocket here", errors.ErrUnsupported)

// A Server cannot be had on this system.
type Server struct{}

// Usable says why this package cannot run here.
func Usable() error { return errNotLinux }

// Listen returns an error that says so.
func Listen(addr string, o echo.Options) (*Server, error) { return nil, errNotLinux }

func (s *Server) Addr() net.Addr                  { return nil }
func (s *Server) Serve(ctx context.Context) error { return errNotLinux }
