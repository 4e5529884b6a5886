package rawsocket

import (
	"context"
	"sync/atomic"
	"time"
)

// A debt is something that the peer owes: the rest of a message, or room for a
// reply. Each has a number, so that one that stands can be told from one that
// was settled and followed by the next.
type debt struct {
	number atomic.Uint32 // zero: none
	last   uint32
	begun  bool // it is the rest of a message

	seen  uint32    // by watch, which alone uses these two
	since time.Time // it was first seen
}

func (d *debt) owe() {
	d.last = max(d.last+1, 1) // zero is no number, also after 2^32
	d.number.Store(d.last)
}

func (d *debt) settle() {
	d.number.Store(0)
	d.begun = false
}

// A timedReader is where a connection reads: there a message that has begun is a
// debt until it has ended, however its bytes come.
type timedReader struct{ c *serverConn }

func (r timedReader) Read(p []byte) (int, error) {
	switch begun := r.c.in.Partial(); {
	case begun && !r.c.begun:
		r.c.owe()
		r.c.begun = true
	case !begun && r.c.begun:
		r.c.settle()
	}
	return r.c.TCPConn.Read(p)
}

// watch ends the connections whose peer has owed the same for MessageTimeout.
// A deadline on each Read and Write would do as well, and cost a timer moved
// twice a message; one look at all connections, now and then, costs nothing
// between looks, and is late by a tenth of the timeout at most.
//
//lesson:one-watch
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(max(s.o.MessageTimeout/20, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			s.look(now)
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) look(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		switch number := c.number.Load(); {
		case number != c.seen:
			c.seen, c.since = number, now
		case number != 0 && now.Sub(c.since) >= s.o.MessageTimeout:
			c.SetDeadline(past) // it wakes in Read or Write, and ends
		}
	}
}
