package transport

import (
	"errors"
	"net"
	"sync"
	"time"
)

// acceptPause is how long accepting rests after it failed, mostly with EMFILE:
// the connection stays in the kernel's queue, and asking at once would spin.
const acceptPause = 50 * time.Millisecond

// A listener gives zmq4 connections whose handshake is done.
type listener struct {
	g       *Guard
	tcp     net.Listener
	ready   chan *conn    // unbuffered: a connection is the handshake's or zmq4's
	stopped chan struct{} // closed by stop
	closed  chan struct{} // closed by Close
	once    sync.Once     // closes closed
}

func (g *Guard) listen(addr string) (net.Listener, error) {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &listener{
		g: g, tcp: tcp,
		ready: make(chan *conn), stopped: make(chan struct{}), closed: make(chan struct{}),
	}
	g.mu.Lock()
	g.listener = l
	g.mu.Unlock()
	g.busy.Go(l.acceptAll)
	return l, nil
}

// stop frees the port. Shutdown calls it, once, and waits for acceptAll.
func (l *listener) stop() {
	close(l.stopped)
	l.tcp.Close()
}

func (l *listener) acceptAll() {
	for {
		tcp, err := l.tcp.Accept()
		switch {
		case err == nil:
			l.admit(tcp)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			l.g.o.Log.Warn("accept", "error", err)
			select {
			case <-time.After(acceptPause):
			case <-l.stopped:
			}
		}
	}
}

// admit starts the handshake of a connection, unless there are enough.
func (l *listener) admit(tcp net.Conn) {
	c := newConn(l.g, tcp)
	if err := l.g.add(c); err != nil {
		c.hangUp(err)
		return
	}
	l.g.busy.Add(1) // for c: Done when it fails here, or in Close
	go func() {
		err := c.handshake()
		if err == nil {
			select {
			case l.ready <- c:
				return // zmq4's now, and Close is Done
			case <-l.stopped:
				err = errStopping
			}
		}
		c.hangUp(err)
		l.g.busy.Done()
	}()
}

// Accept blocks until Close once there is nothing more to accept: zmq4 would
// call again at once.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Addr() net.Addr { return l.tcp.Addr() }

// Close is called by the Close of the zmq4 socket.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}
