package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"echolab/echo"
	"echolab/internal/proxy"
	"echolab/internal/tap"
	"echolab/internal/wire"
)

// tapping is one run of lab tap.
type tapping struct {
	env             Env
	row             echo.Stack
	listen, connect string
	wire            string
	dissector       func() *wire.Dissector
	faults          faults
	demo            bool
	timeout         time.Duration
	hex, asJSON     bool
	diagram         string // a file
}

const tapHelp = `lab tap stands between a client and a server and shows every byte that passes,
with its name. Without -connect it starts a server of -stack itself; with -demo
it also sends one hello through, and ends. What a fault does to the bytes is
shown as it happens; several are met in the order of the command line. Ctrl-C
ends it, with a tally: pieces are what the proxy wrote at once, segments what
the kernel received.`

func labTap(ctx context.Context, args []string, env Env) error {
	r := tapping{env: env, timeout: 5 * time.Second}
	f := newFlags("tap", tapHelp)
	f.stack(&r.row, env.Stacks)
	f.address(&r.listen, "listen", "127.0.0.1:0", "where clients connect, `HOST:PORT`; port 0 asks for a free one", toListen)
	f.add("connect", "", "the server's `HOST:PORT`; without it, a server of -stack", func(s string) (err error) {
		r.connect, err = toConnect(s)
		return err
	})
	f.add("wire", "", "what the bytes are, `WIRE`: framed, zmtp, tls or auto (default: as -stack has it, or auto)", r.setWire)
	f.toggle(&r.demo, "demo", "send one hello through, with the client of -stack, and end")
	f.duration(&r.timeout, "timeout", "give up the hello of -demo after `D`")
	f.toggle(&r.hex, "hex", "show all bytes, and what each field is for")
	f.toggle(&r.asJSON, "json", "print a JSON object a line: where, the events, the tally")
	f.text(&r.diagram, "diagram", "draw the first events into `FILE`: .svg, or .md for Mermaid")
	r.faults.flags(f)
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	if r.diagram != "" && drawing(r.diagram) == nil {
		return usagef("-diagram %q: write a name that ends in .svg or .md", r.diagram)
	}
	if r.wire == "" {
		r.setWire("auto")
		if r.connect == "" || f.given("stack") {
			r.setWire(string(r.row.Wire))
		}
	}
	return r.run(ctx)
}

func (r *tapping) setWire(name string) error {
	known := map[string]func() *wire.Dissector{
		string(echo.Framed): wire.NewFramed, string(echo.ZMTP): wire.NewZMTP, "tls": wire.NewTLS, "auto": wire.NewAuto,
	}
	if known[name] == nil {
		return errors.New("write framed, zmtp, tls or auto")
	}
	r.wire, r.dissector = name, known[name]
	return nil
}

// run stands between until ctx is done, or the demonstration is over.
func (r *tapping) run(ctx context.Context) (err error) {
	target := r.connect
	if target == "" {
		addr, stop, err := serveBehind(ctx, r.row)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		target = addr
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &tapView{out: r.env.Stdout, colour: r.env.Colour, hex: r.hex, asJSON: r.asJSON, draw: r.diagram != "", failed: cancel, over: make(chan struct{}, 1)}
	v.mu.Lock() // the first line says where the tap is; events wait for it
	o := tap.Options{Wire: r.dissector, See: v.event, Over: v.ended}
	o.Options = proxy.Options{Listen: r.listen, Target: target, Seed: r.faults.seed, Up: r.faults.way(true), Down: r.faults.way(false)}
	t, err := tap.New(o)
	if err == nil {
		v.begin(r, t.Addr(), target)
	}
	v.mu.Unlock()
	if err != nil {
		return err
	}
	defer t.Close()

	outcome := r.wait(ctx, t.Addr(), v)
	if err := t.Close(); err != nil {
		return err
	}
	up, down := t.Tally()
	v.end(r, up, down, outcome)
	if r.diagram != "" && v.err == nil {
		v.err = os.WriteFile(r.diagram, []byte(drawing(r.diagram)(v.drawn)), 0o644)
	}
	if v.err == nil && outcome != nil && len(r.faults.asked) == 0 {
		return outcome
	}
	return v.err
}

// drawnMost is how many events a picture shows; what comes later is left out.
const drawnMost = 200

// drawing is how a file of that name is drawn; nil for a name of another kind.
func drawing(file string) func([]tap.Event) string {
	return map[string]func([]tap.Event) string{".svg": tap.SVG, ".md": tap.Mermaid}[filepath.Ext(file)]
}

// wait returns when ctx is done or, after the hello of -demo, its connection.
// How the hello fared is what it returns.
func (r *tapping) wait(ctx context.Context, addr string, v *tapView) error {
	if !r.demo {
		<-ctx.Done()
		return nil
	}
	err := r.hello(ctx, addr)
	select {
	case <-v.over: // both ends have said goodbye, and were seen to
	case <-time.After(time.Second): // a fault keeps one of them
	case <-ctx.Done():
	}
	return err
}

func (r *tapping) hello(ctx context.Context, addr string) error {
	if r.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.timeout)
		defer cancel()
	}
	conn, err := r.row.Connect(ctx, addr, echo.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	reply, err := conn.Echo(ctx, []byte("hello"))
	if err == nil && string(reply) != "hello" {
		return fmt.Errorf("the reply was %q", reply)
	}
	return err
}

// serveBehind serves row on a free port until stop is called, which waits for it.
func serveBehind(ctx context.Context, row echo.Stack) (addr string, stop func() error, err error) {
	s, err := row.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	return s.Addr().String(), func() error { cancel(); return <-served }, nil
}
