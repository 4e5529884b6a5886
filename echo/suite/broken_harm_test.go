package suite_test

import (
	"io"
	"sync"
	"time"

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
		{check: "server/leaves-early", mistake: "an error ends the accept loop", says: unserved, waits: true, rig: oneAtATime},
		{check: "server/oversize", mistake: "no limit", says: "the server kept the connection open", hangs: true, rig: serving(plain)},
		{check: "server/oversize", mistake: "an error ends the accept loop", says: unserved, waits: true, rig: fragile},
		{check: "server/oversize", mistake: "an error closes everybody", says: "undisturbed", rig: serving(closesAll())},
		{check: "server/before-oversize", mistake: "close with unread input", says: "reset by peer", rig: serving(resets)},
		{check: "server/before-oversize", mistake: "a bad frame drops what is owed", says: "EOF", rig: serving(dropsOwed)},
	}
}

// oneLock writes for one client at a time, and holds on to the lock when one has
// gone: it may come back.
func oneLock() behaviour {
	var mu sync.Mutex
	var wait sync.Once
	send := func(p *suite.Peer, msg []byte) error {
		mu.Lock()
		defer mu.Unlock()
		err := p.Send(msg)
		if err != nil {
			wait.Do(func() { time.Sleep(2 * time.Second) })
		}
		return err
	}
	return func(_ echo.Options, p *suite.Peer) {
		for {
			msg, err := p.Recv()
			if err != nil || send(p, msg) != nil {
				return
			}
		}
	}
}

// closesAll takes a client's error for its own.
func closesAll() behaviour {
	var mu sync.Mutex
	var all []*suite.Peer
	var over bool
	return func(o echo.Options, p *suite.Peer) {
		mu.Lock()
		all = append(all, p)
		late := over
		mu.Unlock()
		for !late {
			msg, err := p.Recv()
			if err != nil || len(msg) > o.MaxMessage {
				break
			}
			p.Send(msg)
		}
		mu.Lock()
		defer mu.Unlock()
		over = true
		for _, other := range all {
			if other != p { // which is closed when this returns
				other.Close()
			}
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
