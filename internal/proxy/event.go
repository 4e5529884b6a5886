package proxy

import (
	"bytes"
	"time"
)

// Kind is what leaves the proxy.
type Kind uint8

const (
	Data   Kind = iota
	FIN         // the end of a direction; the other may go on
	RST         // the end of the connection, at once
	closed      // by Close; never told
)

func (k Kind) String() string { return [...]string{"data", "FIN", "RST"}[k] }

// An Event is one thing that leaves the proxy.
type Event struct {
	Conn  int           // counted from 1, in the order accepted
	Up    bool          // toward the target
	At    time.Duration // since New, never less than in the event before
	Kind  Kind
	Bytes []byte // of Data; the tap may keep them
}

// tell calls the tap before the bytes leave, so that nobody can answer a
// request before it was told of.
func (l *link) tell(up bool, kind Kind, p []byte) {
	if l.proxy.o.Tap == nil {
		return
	}
	l.proxy.tap.Lock()
	defer l.proxy.tap.Unlock()
	l.proxy.o.Tap(Event{l.id, up, time.Since(l.proxy.start), kind, bytes.Clone(p)})
}
