//go:build !linux

package rawsocket

import (
	"context"
	"errors"
	"fmt"
	"net"

	"echolab/echo"
)

var errNotLinux = fmt.Errorf("iterative: %w: it is written for Linux's system calls; use a stack such as rawsocket here", errors.ErrUnsupported)

// An Iterative cannot be had on this system.
type Iterative struct{}

// IterativeUsable says why ListenIterative cannot work here.
func IterativeUsable() error { return errNotLinux }

// ListenIterative returns an error that says so.
func ListenIterative(addr string, o echo.Options) (*Iterative, error) { return nil, errNotLinux }

func (s *Iterative) Addr() net.Addr                  { return nil }
func (s *Iterative) Serve(ctx context.Context) error { return errNotLinux }
