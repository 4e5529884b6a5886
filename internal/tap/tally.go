package tap

import (
	"sync"

	"echolab/internal/proxy"
	"echolab/internal/wire"
)

// A Tally is what passed in one direction, over all connections.
type Tally struct {
	Messages int `json:"messages"` // whole ones; what is encrypted cannot be counted
	Payload  int `json:"payload"`  // bytes
	Framing  int `json:"framing"`
	Control  int `json:"control"`
	Wrong    int `json:"malformed"`
	Pieces   int `json:"pieces"` // in which the bytes left: without a fault, the proxy's reads

	// What the kernel counted, of the connections that have ended; see proxy.Count.
	Kernel   bool   `json:"kernel"`   // it did, for every connection
	Sent     uint64 `json:"sent"`     // bytes, by the proxy to the receiver
	Segments uint64 `json:"segments"` // from the sender to the proxy
}

// Bytes are all that passed.
func (t Tally) Bytes() int { return t.Payload + t.Framing + t.Control + t.Wrong }

// Tally returns what passed up and down so far.
func (t *Tap) Tally() (up, down Tally) {
	t.sum.mu.Lock()
	defer t.sum.mu.Unlock()
	return t.sum.up, t.sum.down
}

// sum adds up.
type sum struct {
	mu       sync.Mutex // guards up and down
	up, down Tally
	unknown  bool // the kernel did not count one of the connections
}

func (s *sum) add(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.down
	if e.Up {
		t = &s.up
	}
	if e.Kind == proxy.Data {
		t.Pieces++
	}
	for _, f := range e.Fields {
		if f.Ends {
			t.Messages++
		}
		*t.of(f.Class) += len(f.Bytes)
	}
}

func (t *Tally) of(c wire.Class) *int {
	return [...]*int{wire.Framing: &t.Framing, wire.Payload: &t.Payload, wire.Control: &t.Control, wire.Wrong: &t.Wrong}[c]
}

// end adds the kernel's numbers. A client without a target sent nothing on.
func (s *sum) end(e proxy.Ended) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unknown = s.unknown || !e.Client.Known
	s.up.Sent += e.Target.Sent
	s.up.Segments += e.Client.Segments
	s.down.Sent += e.Client.Sent
	s.down.Segments += e.Target.Segments
	s.up.Kernel, s.down.Kernel = !s.unknown, !s.unknown
}
