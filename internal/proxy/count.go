package proxy

import (
	"net"
	"time"
)

// A Count is what the kernel counted on one socket. The proxy sees neither
// segments nor what is sent twice; the kernel does.
type Count struct {
	Known    bool   // the system can say; Linux can
	Sent     uint64 // bytes of payload; what was sent twice counts twice
	Segments uint64 // that came in with payload
}

// Ended is a connection that is no more.
type Ended struct {
	Conn           int
	At             time.Duration
	Client, Target Count // of the proxy's socket to each
}

// count takes the kernel's numbers of a socket that is about to be closed.
func (l *link) count(i int, conn *net.TCPConn) {
	if c := kernelCount(conn); c.Known {
		l.counts[i] = c
	}
}

// tellEnded is the last word on a connection.
func (l *link) tellEnded() {
	if l.proxy.o.Ended == nil {
		return
	}
	l.mu.Lock()
	counts := l.counts
	l.mu.Unlock()
	l.proxy.tap.Lock()
	defer l.proxy.tap.Unlock()
	l.proxy.o.Ended(Ended{l.id, time.Since(l.proxy.start), counts[0], counts[1]})
}
