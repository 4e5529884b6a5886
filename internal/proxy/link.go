package proxy

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// kernelBuffer is what each buffer of a socket may hold, of which Linux makes
// twice that (socket(7)). Left alone it grows to megabytes, and a sender would
// learn late that its receiver does not read.
const kernelBuffer = 256 << 10

// A link is one connection through the proxy: two sockets and two lanes.
type link struct {
	proxy *Proxy
	id    int

	mu     sync.Mutex     // guards what follows
	socks  []*net.TCPConn // the client's, and once dialled the target's
	counts [2]Count       // theirs, once they are closed
	ended  Kind           // how, or Data

	over chan struct{} // closed when the link is ended from here
	gone atomic.Bool   // a Write failed: its receiver has reset
}

func newLink(p *Proxy, id int, client *net.TCPConn) *link {
	return &link{proxy: p, id: id, socks: []*net.TCPConn{client}, over: make(chan struct{})}
}

// run dials the target, and moves bytes until both directions have ended.
func (l *link) run(ctx context.Context) {
	defer l.forget()
	client := l.socks[0]
	if l.refused() {
		l.hangUp("refuse: the target is not asked")
		return
	}
	target, err := l.dial(ctx)
	if err != nil {
		l.hangUp(fmt.Sprintf("no target, and a proxy cannot refuse for it: %v", err))
		return
	}
	up := newLane(l, true, client, target, l.proxy.o.Up)
	down := newLane(l, false, target, client, l.proxy.o.Down)
	var other sync.WaitGroup
	other.Go(down.run)
	up.run()
	other.Wait()
}

// hangUp resets a client that gets no target.
func (l *link) hangUp(why string) {
	if !l.isOver() {
		l.act(false, "%s", why)
		l.tell(false, RST, nil)
	}
	l.end(RST)
}

// dial connects to the target, unless ctx ends first.
func (l *link) dial(ctx context.Context) (*net.TCPConn, error) {
	l.proxy.pass() // a blackhole lets no SYN out either
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", l.proxy.o.Target)
	if err != nil {
		return nil, err
	}
	target := conn.(*net.TCPConn)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range []*net.TCPConn{l.socks[0], target} {
		conn.SetReadBuffer(kernelBuffer)
		conn.SetWriteBuffer(kernelBuffer)
	}
	l.socks = append(l.socks, target)
	l.finish(1, target) // if the link was ended when it had no target yet
	return target, nil
}

// end ends both sockets. FIN lets what is on its way arrive; RST does not.
func (l *link) end(how Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == Data {
		close(l.over) // ends all waiting that is not in a socket
	}
	l.ended = how
	for i, conn := range l.socks {
		l.finish(i, conn)
	}
}

// finish ends one socket as the link was ended, if it was.
func (l *link) finish(i int, conn *net.TCPConn) {
	if l.ended != Data {
		l.count(i, conn)
	}
	switch l.ended {
	case FIN:
		conn.SetWriteDeadline(past) // out of Write: FIN is the next thing to leave
		conn.CloseWrite()           // an error says that the peer has reset already
	case RST:
		// "The operating system discards any unsent or unacknowledged data", says
		// Go of a linger of 0; and TCP tells the peer so, with RST.
		conn.SetLinger(0)
		conn.Close()
	case closed:
		conn.Close()
	}
}

func (l *link) isOver() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// forget closes what is still open, when both lanes have ended.
func (l *link) forget() {
	l.proxy.mu.Lock()
	delete(l.proxy.live, l)
	l.proxy.mu.Unlock()
	if l.gone.Load() {
		l.end(RST)
	} else {
		l.end(closed)
	}
	l.tellEnded()
}

func (l *link) writeDeadline(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.socks {
		conn.SetWriteDeadline(t)
	}
}
