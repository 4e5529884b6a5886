package suite

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// A Result is what became of one check.
type Result struct {
	Check  Check
	Failed bool
	Log    string // what it said, most of all why it failed
}

// Run runs a check in a program. A check that fails, panics or hangs past ctx
// is a Result, not an error.
func Run(ctx context.Context, c Check, r *Rig) Result {
	ctx, cancel := context.WithCancel(ctx)
	rec := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer rec.clean()
		defer cancel() // testing, too, ends its context before the cleanups
		defer rec.recovered()
		c.Run(rec, r)
	}()
	<-done
	return Result{Check: c, Failed: rec.failed, Log: strings.TrimSpace(rec.log.String())}
}

// A recorder is T in a program.
type recorder struct {
	ctx context.Context

	mu       sync.Mutex // guards all below
	failed   bool
	log      strings.Builder
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.log, format+"\n", args...)
}

func (r *recorder) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

// FailNow ends the check's goroutine, on which alone it may be called.
func (r *recorder) FailNow() {
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *recorder) Context() context.Context { return r.ctx }

// clean runs the cleanups, last first, also when one of them fails.
func (r *recorder) clean() {
	r.mu.Lock()
	n := len(r.cleanups)
	if n == 0 {
		r.mu.Unlock()
		return
	}
	last := r.cleanups[n-1]
	r.cleanups = r.cleanups[:n-1]
	r.mu.Unlock()
	defer r.clean()
	defer r.recovered()
	last()
}

// recovered, deferred, makes a panic a failure.
func (r *recorder) recovered() {
	if p := recover(); p != nil {
		r.Errorf("panic: %v", p)
	}
}
