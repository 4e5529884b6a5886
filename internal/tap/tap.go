// Package tap is a proxy that understands what it forwards: one ordered series of
// events, each with the bytes that left, and a name for every one of them.
//
// It waits nowhere itself. The proxy calls it, one event at a time, from whichever
// lane has something to send, and that lane waits until the tap has been read.
package tap

import (
	"echolab/internal/proxy"
	"echolab/internal/wire"
)

// Options are those of a proxy, whose Tap and Ended are the tap's own.
type Options struct {
	proxy.Options
	// Wire makes a dissector for each direction of each connection. Nil means
	// wire.NewAuto.
	Wire func() *wire.Dissector
	// See is told of each event, and Over of the end of each connection. They are
	// called one at a time, and hold what they were told of until they return.
	See  func(Event)
	Over func(proxy.Ended)
}

// An Event is one thing that left the proxy, and what its bytes mean.
type Event struct {
	proxy.Event
	Fields []wire.Field // of Data: every byte of Bytes, in order
}

// A Tap is a running proxy.
type Tap struct {
	*proxy.Proxy
	o    Options
	wire map[way]*wire.Dissector // only the proxy's calls use it, one at a time
	sum  sum
}

// A way is one direction of one connection.
type way struct {
	conn int
	up   bool
}

// New starts a tap; end it with Close.
func New(o Options) (*Tap, error) {
	if o.Wire == nil {
		o.Wire = wire.NewAuto
	}
	t := &Tap{o: o, wire: map[way]*wire.Dissector{}}
	o.Options.Tap, o.Options.Ended = t.event, t.ended
	p, err := proxy.New(o.Options)
	if err != nil {
		return nil, err
	}
	t.Proxy = p
	return t, nil
}

func (t *Tap) event(p proxy.Event) {
	e := Event{Event: p}
	if p.Kind == proxy.Data {
		w := way{p.Conn, p.Up}
		if t.wire[w] == nil {
			t.wire[w] = t.o.Wire()
		}
		e.Fields = t.wire[w].Next(p.Bytes)
	}
	t.sum.add(e)
	if t.o.See != nil {
		t.o.See(e)
	}
}

func (t *Tap) ended(e proxy.Ended) {
	delete(t.wire, way{e.Conn, true})
	delete(t.wire, way{e.Conn, false})
	t.sum.end(e)
	if t.o.Over != nil {
		t.o.Over(e)
	}
}
