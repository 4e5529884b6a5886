package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"echolab/internal/proxy"
	"echolab/internal/tap"
)

// tapView writes events as they come.
type tapView struct {
	out         io.Writer
	colour, hex bool
	asJSON      bool
	draw        bool
	failed      func(error)   // told of the first error of out
	over        chan struct{} // told of the first connection that has ended

	mu    sync.Mutex // guards out, and what follows
	err   error
	drawn []tap.Event // for -diagram, drawnMost at the most
}

// write writes text, unless that has failed before.
func (v *tapView) write(text string) {
	if v.err != nil {
		return
	}
	if _, v.err = io.WriteString(v.out, text); v.err != nil {
		v.failed(v.err)
	}
}

// begin says what is to be seen. The caller holds mu.
func (v *tapView) begin(r *tapping, addr, target string) {
	if v.asJSON {
		v.object(tapBegin{addr, target, r.wire, r.faults.seed, r.faults.stories()})
		return
	}
	server := target
	if r.connect == "" {
		server = fmt.Sprintf("%s (%s)", target, r.row.Name)
	}
	v.write(fmt.Sprintf("tap %s → %s, wire %s\n", addr, server, r.wire))
	for _, story := range r.faults.stories() {
		v.write(wrap(story, 80))
	}
	if len(r.faults.asked) > 0 {
		v.write(fmt.Sprintf("repeat it with -seed %d\n", r.faults.seed))
	}
	if !r.demo && r.connect == "" {
		v.write(fmt.Sprintf("In another terminal:\n  go run ./cmd/client -stack %s -connect %s -text hello\n", r.row.Name, addr))
	}
	v.write(fmt.Sprintf("\n%13s  %-*s  %s\n", "ms", bytesWide, "bytes", "what they are"))
}

func (v *tapView) event(e tap.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.draw && len(v.drawn) < drawnMost {
		v.drawn = append(v.drawn, e)
	}
	if v.asJSON {
		v.object(newTapEvent(e))
		return
	}
	arrow := "↓"
	if e.Up {
		arrow = "↑"
	}
	v.write(fmt.Sprintf("%2d %s %8.3f", e.Conn, arrow, e.At.Seconds()*1000))
	switch {
	case e.Kind == proxy.Act:
		said := strings.ReplaceAll(wrap("· "+e.Text, 64), "\n  ", "\n"+strings.Repeat(" ", indent+3))
		v.write("  " + paint(v.colour, magenta, strings.TrimSuffix(said, "\n")) + "\n")
	case e.Kind != proxy.Data:
		v.write("  " + paint(v.colour, magenta, e.Words()) + "\n")
	case v.hex:
		v.inFull(e)
	default:
		v.inBrief(e)
	}
}

func (v *tapView) ended(proxy.Ended) {
	select {
	case v.over <- struct{}{}:
	default: // it knows
	}
}
