// Package suite says what it means that two stacks behave the same: a list of
// named checks, each with its reason. A test runs them over every row of the
// table; the grader runs those that need no more than a command or an address
// over a student's program.
//
// A server is questioned by a reference peer and a client by a reference server,
// both written here from nothing but a TCP socket, so that two halves of one
// stack cannot agree on the same mistake. A check waits for events; its timers
// only end what hangs.
package suite

import (
	"context"
	"fmt"
	"os/exec"
	"slices"

	"echolab/echo"
)

// T is what a check needs of a test. *testing.T has it, and so has the
// recorder with which [Run] serves a program.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
	Cleanup(func())
	Context() context.Context
}

// Subject is the side that a check judges.
type Subject string

const (
	Server  Subject = "server"  // Rig's server, against the reference client
	Client  Subject = "client"  // Rig's Connect, against the reference server
	Session Subject = "session" // echo/session over Rig's Connect
	Pair    Subject = "pair"    // Rig's Connect with Rig's own server
)

// Need is how far into the subject a check must reach.
type Need string

const (
	Address Need = "address" // a running server
	Process Need = "process" // a server to start, to signal, to look at in /proc
	Inside  Need = "inside"  // our Go API
)

// A Check is one thing that is the same on every stack.
type Check struct {
	Name    string // subject/what, as in an Excuse
	Why     string
	Subject Subject
	Wires   []echo.Wire // nil is every wire
	Needs   Need
	// Here says why this machine cannot run the check, "" when it can; nil: any can.
	Here func() string
	Run  func(t T, r *Rig)
}

// A Rig is what the checks are run on. What is nil or empty is not there.
type Rig struct {
	Wire    echo.Wire
	Listen  func(addr string, o echo.Options) (echo.Server, error)
	Connect echo.Connect
	// Command makes a server program that listens on addr, with these limits,
	// and prints READY HOST:PORT.
	Command func(addr string, o echo.Options) *exec.Cmd
	Address string // of a server that runs, with the default limits
	Seed    uint64 // of random sizes and bytes; printed with a failure
}

// Checks returns every check, in the order in which they are best read.
func Checks() []Check {
	return slices.Concat(
		fidelityChecks(), harmChecks(), hostileChecks(), limitChecks(), processChecks(), endChecks(),
		clientChecks(), clientErrorChecks(), sessionChecks(), endpointChecks(), pairChecks(),
	)
}

// Left says why a check does not apply to r, or cannot run on it; "" when it can.
func (c Check) Left(r *Rig) string {
	if c.Wires != nil && !slices.Contains(c.Wires, r.Wire) {
		return fmt.Sprintf("is about the wire %s", c.Wires[0])
	}
	server := c.Subject == Server || c.Subject == Pair
	client := c.Subject != Server
	switch {
	case client && r.Connect == nil:
		return "needs a client with our Go API"
	case server && c.Needs == Inside && r.Listen == nil:
		return "needs a server with our Go API"
	case server && c.Needs == Process && r.Command == nil:
		return "needs a command that starts the server"
	case server && r.Listen == nil && r.Command == nil && r.Address == "":
		return "needs a server"
	case c.Here != nil:
		return c.Here()
	}
	return ""
}
