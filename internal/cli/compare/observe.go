package compare

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"echolab/echo"
	"echolab/internal/proxy"
	"echolab/internal/wire"
)

var hello = []byte("hello")

// A Sample is one hello as bytes on a wire, as they passed the proxy.
type Sample struct {
	Wire      echo.Wire `json:"wire"`
	Bytes     string    `json:"bytes"` // in hexadecimal
	Parts     []Part    `json:"parts"`
	Handshake Traffic   `json:"handshake"`
}

// A Part is some of those bytes with a name.
type Part struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

// observe sends two hellos through a proxy and reads what its tap saw. The tap
// is told of bytes before they leave, so when an echo returns, all are counted.
func (row *Row) observe(ctx context.Context, stack echo.Stack, addr string) (Sample, error) {
	var mu sync.Mutex // guards up and down
	var up, down []byte
	p, err := proxy.New(proxy.Options{Target: addr, Tap: func(e proxy.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Up {
			up = append(up, e.Bytes...)
		} else {
			down = append(down, e.Bytes...)
		}
	}})
	if err != nil {
		return Sample{}, err
	}
	defer p.Close()

	var seen [2]Traffic // after the first echo, and after the second
	conn, err := stack.Connect(ctx, p.Addr(), echo.Options{})
	if err != nil {
		return Sample{}, err
	}
	defer conn.Close()
	for i := range seen {
		if err := echoHello(ctx, conn); err != nil {
			return Sample{}, err
		}
		mu.Lock()
		seen[i] = Traffic{len(up), len(down)}
		mu.Unlock()
	}
	row.First = seen[0]
	row.Next = seen[1].minus(seen[0])
	mu.Lock()
	defer mu.Unlock()
	return newSample(stack.Wire, up, seen[0].Up, row.First.minus(row.Next)), nil
}

func (t Traffic) minus(u Traffic) Traffic { return Traffic{t.Up - u.Up, t.Down - u.Down} }

// echoHello is one hello there and back.
func echoHello(ctx context.Context, conn echo.Conn) error {
	reply, err := conn.Echo(ctx, hello)
	if err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	if differs := Difference(hello, reply); differs != "" {
		return fmt.Errorf("hello: %s", differs)
	}
	return nil
}

// newSample names the bytes of the second hello, which begins at start.
func newSample(on echo.Wire, up []byte, start int, handshake Traffic) Sample {
	explain := wire.Framed
	if on == echo.ZMTP {
		explain = wire.ZMTP
	}
	s := Sample{Wire: on, Bytes: fmt.Sprintf("% x", up[start:]), Handshake: handshake}
	for _, field := range explain(up) {
		switch {
		case field.Offset < start:
		case bytes.Equal(field.Bytes, hello):
			s.Parts = append(s.Parts, Part{string(hello), len(hello)})
		default:
			s.Parts = append(s.Parts, Part{field.Name, len(field.Bytes)})
		}
	}
	return s
}

// sample keeps the first sample of each wire.
func (r *Report) sample(s Sample) {
	if s.Wire == "" {
		return // there was no hello to see
	}
	for _, known := range r.Samples {
		if known.Wire == s.Wire {
			return
		}
	}
	r.Samples = append(r.Samples, s)
}
