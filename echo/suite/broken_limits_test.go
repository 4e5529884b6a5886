package suite_test

import (
	"sync/atomic"
	"time"

	"echolab/echo"
	"echolab/echo/suite"
)

// brokenLimits are servers that keep no limit, or the wrong one.
func brokenLimits() []broken {
	const kept = "the server kept the connection open"
	return []broken{
		{check: "server/many-clients", mistake: "a table of a thousand", says: "round 0", rig: serving(aThousand())},
		{check: "server/max-clients", mistake: "no limit", says: "the fourth client was not closed", hangs: true, rig: serving(plain)},
		{check: "server/max-clients", mistake: "a place is never freed", says: "not within 1s", waits: true, rig: serving(neverFrees())},
		{check: "server/message-timeout", mistake: "none", says: kept, hangs: true, rig: serving(plain)},
		{
			check: "server/message-timeout", mistake: "idle clients have it too", says: "idle for 600 ms|given no time",
			rig: serving(timesIdle),
		},
		{check: "server/message-timeout", mistake: "a message is one read", says: "it was given no time", rig: serving(hasty)},
		{check: "server/trickle", mistake: "a byte renews the time", says: kept, hangs: true, rig: serving(renews)},
		{
			check: "server/unread-reply", mistake: "none for writing", says: "the server neither reads nor closes", hangs: true,
			rig: serving(plain),
		},
		{check: "server/handshake-timeout", wire: echo.ZMTP, mistake: "none", says: kept, hangs: true, rig: serving(plain)},
		{check: "server/ping", wire: echo.ZMTP, mistake: "no answer", says: "i/o timeout", hangs: true, rig: serving(plain)},
		{
			check: "server/ping", wire: echo.ZMTP, mistake: "an answer without the context", says: "PONGabc",
			rig: serving(func(_ echo.Options, p *suite.Peer) {
				msg, _ := p.Recv()
				p.Send(msg)
				p.Read(make([]byte, 100))
				p.Write([]byte("\x04\x05\x04PONG"))
				p.Gone()
			}),
		},
	}
}

// limited turns away what comes beyond n.
func limited(n int64, open *atomic.Int64, b behaviour) behaviour {
	return func(o echo.Options, p *suite.Peer) {
		if open.Add(1) <= n {
			b(o, p)
		}
	}
}

func aThousand() behaviour { return limited(1000, new(atomic.Int64), plain) }

// neverFrees counts clients up, and not down.
func neverFrees() behaviour { return limited(3, new(atomic.Int64), plain) }

// timesIdle lets a client be silent no longer than a message may take.
func timesIdle(o echo.Options, p *suite.Peer) {
	for {
		p.SetReadDeadline(time.Now().Add(o.MessageTimeout))
		msg, err := p.Recv()
		if err != nil || p.Send(msg) != nil {
			return
		}
	}
}

// hasty closes when a read did not bring a whole message.
func hasty(_ echo.Options, p *suite.Peer) {
	buf := make([]byte, 100)
	for {
		n, err := p.Read(buf)
		if err != nil || n < 4 {
			return
		}
		p.Write(buf[:n])
	}
}

// renews gives each read a minute, and a message has many reads.
func renews(_ echo.Options, p *suite.Peer) {
	for {
		p.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := p.Read(make([]byte, 100)); err != nil {
			return
		}
	}
}
