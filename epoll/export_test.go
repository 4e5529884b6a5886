//go:build linux

package epoll

import (
	"net/netip"

	"echolab/echo"
)

// NewStepper is one connection of a server without its loop: a test decides when
// it is stepped, and so what one read finds.
func NewStepper(fd int, o echo.Options) *Stepper {
	o = o.WithDefaults()
	return &Stepper{c: newConn(fd, netip.AddrPort{}, o), d: &desk{o: o, in: make([]byte, gulp)}}
}

type Stepper struct {
	c *conn
	d *desk
}

func (s *Stepper) Step() error  { return s.c.step(s.d) }
func (s *Stepper) Wants() Ready { return s.c.wants() }
func (s *Stepper) Owed() int {
	if s.c.owed == nil {
		return 0
	}
	return len(*s.c.owed)
}

const HighWater = highWater

var NotOneself = notOneself

// NewPoller is by the name of a row in internal/stacks.
var NewPoller = map[string]func() (Poller, error){
	"select": newSelect, "poll": newPoll, "signal": newSignal, "epoll": newEpoll, "epoll-edge": newEdge,
}
