// Package proxy stands between a client and a server, moves their bytes and,
// when told to, spoils them. The code on either side needs no hooks and cannot
// tell that it is there: half-close, reset and backpressure travel through.
//
// Each connection is a link of two lanes, up to the target and down to the
// client. A lane is one goroutine, asleep in Read on one socket or in Write on
// the other, and never in both: while a receiver is full, its lane reads no
// more, and the sender's own socket fills. That is all backpressure is. A fault
// stands on a lane, between the Read and the Write.
//
// One thing no proxy can hide: the kernel completes a connect before Accept
// returns, so a target that refuses shows as a connection that is reset.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Options say where a proxy stands and what it does there.
type Options struct {
	// Listen is where clients connect. Empty means a free port of 127.0.0.1.
	Listen string
	// Target is the server, "host:port". It need not run yet.
	Target string
	// Up and Down are the faults on the way to the target and back, in the order
	// in which bytes meet them.
	Up, Down []Fault
	// Seed makes the random choices of faults. The same seed, connections and
	// reads give the same run.
	Seed uint64
	// Tap is told what is about to leave the proxy, faults applied, one event at
	// a time, over all connections. It may call Stall: what it was told of waits
	// too. It must not call Cut, Reset or Close, which tell it more or wait for it.
	Tap func(Event)
	// Ended is told, between the calls of Tap, of each connection when its last
	// byte has passed and both its sockets are closed. The same rules hold for it.
	Ended func(Ended)
}

// A Proxy listens from the moment New returned it.
type Proxy struct {
	o      Options
	ln     *net.TCPListener
	start  time.Time
	cancel context.CancelFunc // ends dials, and says that Close was called
	all    sync.WaitGroup     // every goroutine of the proxy

	// gate is held for reading around each write, and for writing while stalled.
	gate sync.RWMutex
	tap  sync.Mutex // one event at a time

	mu       sync.Mutex // guards what follows
	stalled  bool
	live     map[*link]struct{}
	accepted int
}

// New starts a proxy; end it with Close.
func New(o Options) (*Proxy, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if _, err := net.ResolveTCPAddr("tcp", o.Target); err != nil {
		return nil, fmt.Errorf("proxy target %q: %w", o.Target, err)
	}
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Proxy{o: o, ln: ln.(*net.TCPListener), start: time.Now(), cancel: cancel, live: map[*link]struct{}{}}
	p.all.Go(func() { p.accept(ctx) })
	return p, nil
}

// Addr is where clients connect, "host:port".
func (p *Proxy) Addr() string { return p.ln.Addr().String() }

// Accepted is how many connections came, from the start.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Close frees the port, ends every connection and waits for every goroutine.
func (p *Proxy) Close() error {
	p.cancel()
	err := p.ln.Close()
	p.mu.Lock()
	for l := range p.live {
		l.end(closed)
	}
	p.mu.Unlock()
	p.Resume() // those who wait at the gate find their sockets closed
	p.all.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil // closed before
	}
	return err
}

// accept starts a link for each connection until Close.
func (p *Proxy) accept(ctx context.Context) {
	for {
		conn, err := p.ln.AcceptTCP()
		switch {
		case err == nil:
			p.link(ctx, conn)
		case ctx.Err() != nil:
			return
		default:
			// Out of descriptors, most likely. The connection stays in the kernel's
			// queue, so the next accept would fail at once: wait, or spin.
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
}

// link starts the goroutine of one connection, unless Close came first.
func (p *Proxy) link(ctx context.Context, client *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		client.Close()
		return
	}
	p.accepted++
	l := newLink(p, p.accepted, client)
	p.live[l] = struct{}{}
	p.all.Go(func() { l.run(ctx) })
}
