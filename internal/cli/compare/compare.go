// Package compare runs one script of messages through every stack of a table and
// reports where their replies differ, what they cost in bytes and how long an
// echo takes.
//
// One stack runs at a time, so that none is measured beside another. A stack that
// hangs is a difference like any other: each of its stages has a time to end in.
package compare

import (
	"context"
	"fmt"
	"time"

	"echolab/echo"
)

// Options say how to run. The zero value works.
type Options struct {
	// StageTime is what a stack gets for each stage: the hello, the script, the
	// clock, the end. Zero means 5 s, a hundred times what they take.
	StageTime time.Duration
	// Progress is told the name of each stack when its turn comes.
	Progress func(name string)
}

// A Report is what was seen. It is also what lab compare -json prints.
type Report struct {
	Hello    string   `json:"hello"`
	Samples  []Sample `json:"wires"`
	Rows     []Row    `json:"stacks"`
	Messages int      `json:"messages"` // that came back as they should, over all stacks
	Largest  int      `json:"largest_bytes"`
}

// A Row is what was seen of one stack.
type Row struct {
	Name     string        `json:"name"`
	Model    string        `json:"model"`
	Wire     echo.Wire     `json:"wire"`
	Unusable string        `json:"unusable,omitempty"` // why it was not run
	Median   time.Duration `json:"median_echo_ns"`
	First    Traffic       `json:"first_echo"` // with the handshake
	Next     Traffic       `json:"next_echo"`
	Messages int           `json:"messages"` // that came back as they should
	// Differences are sentences, the first few; none is what should be.
	Differences []string `json:"differences,omitempty"`
}

// Traffic is what crosses the network, in bytes of payload.
type Traffic struct {
	Up   int `json:"up_bytes"`
	Down int `json:"down_bytes"`
}

// Run compares the usable stacks of a table. Its error is ctx's.
func Run(ctx context.Context, table []echo.Stack, o Options) (*Report, error) {
	if o.StageTime == 0 {
		o.StageTime = 5 * time.Second
	}
	script := newScript(echo.Options{}.WithDefaults().MaxMessage)
	report := &Report{Hello: string(hello), Largest: script.largest()}
	for _, stack := range table {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row := Row{Name: stack.Name, Model: stack.Model, Wire: stack.Wire}
		if err := Usable(stack); err != nil {
			row.Unusable = err.Error()
		} else {
			if o.Progress != nil {
				o.Progress(stack.Name)
			}
			report.sample(row.run(ctx, stack, script, o.StageTime))
			report.Messages += row.Messages
		}
		report.Rows = append(report.Rows, row)
	}
	return report, context.Cause(ctx)
}

// Usable is why a stack cannot run on this machine, or nil.
func Usable(s echo.Stack) error {
	if s.Usable == nil {
		return nil
	}
	return s.Usable()
}

// Ran counts the stacks that were run, and those of them that differed.
func (r *Report) Ran() (ran, differed int) {
	for _, row := range r.Rows {
		if row.Unusable == "" {
			ran++
		}
		if len(row.Differences) > 0 {
			differed++
		}
	}
	return ran, differed
}

// run starts the stack's server, puts it through the stages and stops it. It
// returns the bytes of the hello.
func (row *Row) run(ctx context.Context, stack echo.Stack, script *script, stage time.Duration) (sample Sample) {
	server, err := stack.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		row.differ("it does not listen: %v", err)
		return sample
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(serving) }()

	addr := server.Addr().String()
	for _, run := range []func(context.Context) error{
		func(ctx context.Context) (err error) { sample, err = row.observe(ctx, stack, addr); return err },
		func(ctx context.Context) error { row.play(ctx, stack, addr, script); return nil },
		func(ctx context.Context) error { return row.measure(ctx, stack, addr) },
	} {
		ctx, cancel := context.WithTimeout(ctx, stage)
		err := run(ctx)
		cancel()
		if err != nil {
			row.differ("%v", err)
			break
		}
	}

	stop()
	select {
	case err := <-served:
		if err != nil {
			row.differ("its server ended badly: %v", err)
		}
	case <-time.After(stage): // Serve is broken, so its goroutine is lost
		row.differ("its server does not stop")
	}
	return sample
}

// differ notes a difference, up to three.
func (row *Row) differ(format string, args ...any) {
	if len(row.Differences) < 3 {
		row.Differences = append(row.Differences, fmt.Sprintf(format, args...))
	}
}
