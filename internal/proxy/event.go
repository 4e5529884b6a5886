package proxy

import (
	"bytes"
	"fmt"
	"time"
)

// Kind is what leaves the proxy, or what happens to it there.
type Kind uint8

const (
	Data   Kind = iota
	FIN         // the end of a direction; the other may go on
	RST         // the end of the connection, at once
	Act         // nothing leaves: a fault acts, or the target cannot be reached
	closed      // by Close; never told
)

func (k Kind) String() string { return [...]string{"data", "FIN", "RST", "act"}[k] }

// An Event is one thing that leaves the proxy, or happens to it there.
type Event struct {
	Conn  int           // counted from 1, in the order accepted
	Up    bool          // toward the target
	At    time.Duration // since New, never less than in the event before
	Kind  Kind
	Bytes []byte // of Data; the tap may keep them
	Text  string // of Act: what happened
}

// tell calls the tap before the bytes leave, so that nobody can answer a
// request before it was told of.
func (l *link) tell(up bool, kind Kind, p []byte) {
	l.event(Event{Up: up, Kind: kind, Bytes: p})
}

// act tells of what does not leave.
func (l *link) act(up bool, format string, args ...any) {
	l.event(Event{Up: up, Kind: Act, Text: fmt.Sprintf(format, args...)})
}

func (l *link) event(e Event) {
	if l.proxy.o.Tap == nil {
		return
	}
	l.proxy.tap.Lock()
	defer l.proxy.tap.Unlock()
	e.Conn, e.At, e.Bytes = l.id, time.Since(l.proxy.start), bytes.Clone(e.Bytes)
	l.proxy.o.Tap(e)
}
