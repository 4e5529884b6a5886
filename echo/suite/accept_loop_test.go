package suite_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"echolab/echo"
	"echolab/echo/suite"
)

// An acceptLoop makes connections wait for their turn, in the order in which
// they came, as a loop around accept(2) does.
type acceptLoop struct {
	mu   sync.Mutex
	turn *sync.Cond
	next int  // whose turn it is; guarded by mu
	fell bool // the loop has ended; the turn guards it
}

func newAcceptLoop() *acceptLoop {
	l := &acceptLoop{}
	l.turn = sync.NewCond(&l.mu)
	return l
}

func (l *acceptLoop) enter(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n != l.next {
		l.turn.Wait()
	}
}

func (l *acceptLoop) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	l.turn.Broadcast()
}

// oneAtATime serves a client to its end before it looks at the next, and an
// error is its own end.
func oneAtATime(_ *testing.T, wire echo.Wire) *suite.Rig {
	loop := newAcceptLoop()
	return raw(wire, func(n int, _ echo.Options, p *suite.Peer) {
		loop.enter(n)
		defer loop.leave()
		if loop.fell {
			p.Gone()
			return
		}
		msg, err := greetAndRecv(wire, p)
		for err == nil {
			if err = p.Send(msg); err == nil {
				msg, err = p.Recv()
			}
		}
		loop.fell = err != io.EOF
	})
}

// doorman lets nobody in before the client ahead has shaken hands and sent its
// first message, and nobody any more after one that could not.
func doorman(_ *testing.T, wire echo.Wire) *suite.Rig {
	loop := newAcceptLoop()
	return raw(wire, func(n int, o echo.Options, p *suite.Peer) {
		loop.enter(n)
		if loop.fell {
			p.Gone() // connected by the kernel, never accepted
		}
		msg, err := greetAndRecv(wire, p)
		loop.fell = loop.fell || err != nil || len(msg) > o.MaxMessage
		loop.leave()
		if err == nil && p.Send(msg) == nil {
			plain(o, p)
		}
	})
}

// fragile accepts nobody after the first error of any client.
func fragile(_ *testing.T, wire echo.Wire) *suite.Rig {
	loop := newAcceptLoop()
	var fell atomic.Bool
	return raw(wire, func(n int, o echo.Options, p *suite.Peer) {
		loop.enter(n)
		ignored := fell.Load()
		loop.leave()
		if ignored {
			p.Gone()
			return
		}
		msg, err := greetAndRecv(wire, p)
		for err == nil && len(msg) <= o.MaxMessage && p.Send(msg) == nil {
			if msg, err = p.Recv(); err == io.EOF {
				return
			}
		}
		fell.Store(true)
	})
}

// raw is a rig whose server does the handshake itself.
func raw(wire echo.Wire, b func(n int, o echo.Options, p *suite.Peer)) *suite.Rig {
	return &suite.Rig{Wire: wire, Listen: listenScript(echo.Framed, b)}
}

// greetAndRecv makes p a peer on that wire, and takes its first message.
func greetAndRecv(wire echo.Wire, p *suite.Peer) ([]byte, error) {
	greeted, err := suite.Greet(context.Background(), p.TCPConn, wire, "REP")
	if err != nil {
		return nil, err
	}
	*p = *greeted
	if wire == echo.ZMTP {
		head, _ := p.Peek(3) // behind the delimiter, the flags of the next frame
		if len(head) == 3 && head[2]>>3 != 0 {
			return nil, errors.New("assertion failed: reserved flags")
		}
	}
	return p.Recv()
}
