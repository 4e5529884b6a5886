package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A lane moves the bytes of one direction. It is also the last of its stages.
type lane struct {
	link     *link
	up       bool
	from, to *net.TCPConn
	first    stage
	belts    sync.WaitGroup // the goroutines of faults
	deaf     bool           // to has reset
}

func newLane(l *link, up bool, from, to *net.TCPConn, faults []Fault) *lane {
	d := &lane{link: l, up: up, from: from, to: to}
	d.first = d.stages(faults)
	return d
}

// run returns when the sender has ended and all that it sent has left.
func (d *lane) run() {
	if err := pump(d.first, d.from); err == io.EOF {
		d.first.End(FIN, false)
	} else {
		d.first.End(RST, false)
	}
	d.belts.Wait()
}

// Write sends p to the receiver, and waits where the receiver waits.
func (d *lane) Write(p []byte) bool {
	d.link.proxy.pass()
	if d.deaf || d.link.isOver() {
		return false
	}
	d.link.tell(d.up, Data, p)
	for len(p) > 0 {
		d.link.proxy.gate.RLock()
		n, err := d.to.Write(p)
		d.link.proxy.gate.RUnlock()
		p = p[n:]
		switch {
		case err == nil:
		case d.link.isOver():
			return false
		case errors.Is(err, os.ErrDeadlineExceeded):
			// Stall took us out of Write; the rest waits at the gate.
		default:
			d.lose()
			return false
		}
	}
	return true
}

// lose takes note that the receiver has reset: nothing more is read for it, and
// what it sent before still goes the other way, whose End then says RST.
// NOTE: our Write took the socket's error, so that the other lane reads EOF; if
// it does so before we are here, its receiver is sent FIN, and RST right after.
func (d *lane) lose() {
	d.deaf = true
	d.link.gone.Store(true)
	d.from.SetReadDeadline(past)
}

// End ends the direction, as its sender did, or both.
func (d *lane) End(how Kind, both bool) {
	d.link.proxy.pass()
	if d.deaf || d.link.isOver() {
		return
	}
	if d.link.gone.Load() {
		how = RST
	}
	d.link.tell(d.up, how, nil)
	if both {
		d.link.tell(!d.up, how, nil)
	}
	if both || how == RST {
		d.link.end(how)
	} else {
		d.to.CloseWrite() // an error says that the receiver has reset; the other lane sees it
	}
}

// sleep waits, at most until the link is over.
func (d *lane) sleep(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.link.over:
	}
}
