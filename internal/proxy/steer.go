package proxy

import (
	"maps"
	"slices"
	"time"
)

// past is a deadline that ends a blocked Read or Write now.
var past = time.Unix(1, 0)

// Stall turns the proxy into a blackhole: when it has returned, nothing leaves
// either way, neither bytes nor FIN nor RST, and no dial starts, until Resume.
// Senders notice nothing until buffers are full.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled {
		return
	}
	p.stalled = true
	for l := range p.live {
		l.writeDeadline(past) // whoever is asleep in Write lets go of the gate
	}
	p.gate.Lock()
}

// Resume ends a Stall; what waited goes on its way, none of it lost.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stalled {
		return
	}
	p.stalled = false
	for l := range p.live {
		l.writeDeadline(time.Time{})
	}
	p.gate.Unlock()
}

// pass waits while the proxy is stalled.
func (p *Proxy) pass() {
	p.gate.RLock()
	defer p.gate.RUnlock()
}

// Cut sends FIN to both ends of every live connection, as if each had said
// goodbye to the other. What they still send is read and dropped.
func (p *Proxy) Cut() { p.endAll(FIN) }

// Reset sends RST to both ends of every live connection.
func (p *Proxy) Reset() { p.endAll(RST) }

func (p *Proxy) endAll(how Kind) {
	p.mu.Lock()
	live := slices.Collect(maps.Keys(p.live))
	p.mu.Unlock() // before the tap is called
	for _, l := range live {
		l.tell(true, how, nil)
		l.tell(false, how, nil)
		l.end(how)
	}
}
