package suite_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"echolab/echo"
	"echolab/echo/suite"
)

// brokenHarm are servers that let one client harm another.
func brokenHarm() []broken {
	const unserved = "an honest client was not served"
	return []broken{
		{check: "server/half-message", mistake: "one client at a time", says: unserved, waits: true, rig: oneAtATime},
		{check: "server/half-message", mistake: "bytes are echoed, not messages", says: "before the message had ended", rig: serving(cat)},
		{check: "server/silent-first", mistake: "one client at a time", says: unserved, waits: true, rig: oneAtATime},
		{check: "server/reader-stops", mistake: "one client at a time", says: unserved, waits: true, rig: oneAtATime},
		{check: "server/reader-stops", mistake: "one lock for every write", says: unserved, waits: true, rig: serving(oneLock())},
		{check: "server/leaves-early", mistake: "an error ends the accept loop", says: unserved, waits: true, rig: fragile},
		{check: "server/oversize", mistake: "no limit", says: "the server kept the connection open", waits: true, rig: serving(plain)},
		{check: "server/oversize", mistake: "an error ends the accept loop", says: unserved, waits: true, rig: fragile},
		{check: "server/oversize", mistake: "an error closes everybody", says: "undisturbed", rig: serving(closesAll())},
		{check: "server/before-oversize", mistake: "close with unread input", says: "reset by peer", rig: serving(resets)},
		{check: "server/before-oversize", mistake: "a bad frame drops what is owed", says: "EOF", rig: serving(dropsOwed)},
	}
}

// brokenHostile shows each hostile peer a victim.
func brokenHostile() []broken {
	var all []broken
	for _, check := range suite.Checks() {
		name, is := strings.CutPrefix(check.Name, "server/peer-")
		if !is {
			continue
		}
		victim, known := victims[name]
		for _, wire := range check.Wires {
			if known {
				all = append(all, broken{check: check.Name, mistake: victim.mistake + ", " + string(wire), wire: wire,
					says: "an honest client was not served", waits: true, rig: victim.rig})
			}
		}
	}
	return all
}

// victims are who falls for which hostile peer.
var victims = map[string]struct {
	mistake string
	rig     func(*testing.T, echo.Wire) *suite.Rig
}{}

// oneAtATime serves a client to its end before it looks at the next.
func oneAtATime(_ *testing.T, wire echo.Wire) *suite.Rig {
	var turn sync.Mutex
	return serving(func(o echo.Options, p *suite.Peer) {
		turn.Lock()
		defer turn.Unlock()
		plain(o, p)
	})(nil, wire)
}

// doorman waits for each client's handshake and first message in its accept loop.
func doorman(_ *testing.T, wire echo.Wire) *suite.Rig {
	var door sync.Mutex
	return raw(wire, func(o echo.Options, p *suite.Peer) {
		door.Lock()
		msg, err := greetAndRecv(wire, p)
		door.Unlock()
		if err == nil && p.Send(msg) == nil {
			plain(o, p)
		}
	})
}

// fragile accepts nobody after the first client that brought an error, or left
// without a message.
func fragile(_ *testing.T, wire echo.Wire) *suite.Rig {
	var fell atomic.Bool
	return raw(wire, func(o echo.Options, p *suite.Peer) {
		if fell.Load() {
			p.Gone() // connected by the kernel, never accepted
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
func raw(wire echo.Wire, b behaviour) *suite.Rig {
	return &suite.Rig{Wire: wire, Listen: listen(echo.Framed, b)}
}

// greetAndRecv makes p a peer on that wire, and takes its first message.
func greetAndRecv(wire echo.Wire, p *suite.Peer) ([]byte, error) {
	greeted, err := suite.Greet(context.Background(), p.TCPConn, wire, "REP")
	if err != nil {
		return nil, err
	}
	*p = *greeted
	return p.Recv()
}

// oneLock writes for one client at a time.
func oneLock() behaviour {
	var mu sync.Mutex
	return func(_ echo.Options, p *suite.Peer) {
		for {
			msg, err := p.Recv()
			if err != nil {
				return
			}
			mu.Lock()
			err = p.Send(msg)
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}
}

// closesAll takes a client's error for its own.
func closesAll() behaviour {
	var mu sync.Mutex
	var all []*suite.Peer
	return func(o echo.Options, p *suite.Peer) {
		mu.Lock()
		all = append(all, p)
		mu.Unlock()
		for {
			msg, err := p.Recv()
			if err != nil || len(msg) > o.MaxMessage {
				break
			}
			p.Send(msg)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, p := range all {
			p.Close()
		}
	}
}

// cat needs no framing to look right.
func cat(_ echo.Options, p *suite.Peer) { io.Copy(p.TCPConn, p.TCPConn) }

// resets closes as soon as a frame is bad; what was not read makes it an RST.
func resets(o echo.Options, p *suite.Peer) {
	plain(o, p)
	p.SetLinger(0)
}

// dropsOwed writes when there is nothing more to read.
func dropsOwed(_ echo.Options, p *suite.Peer) {
	for {
		if _, err := p.Recv(); err != nil {
			return
		}
	}
}
