// Package echo is the contract: what every implementation in this lab offers,
// in terms that say nothing about how it waits.
//
// A client sends a message, the server sends the same bytes back. Two things
// decide who may talk to whom: the [Wire], how a message is put into bytes, and
// [Secure], what wraps those bytes. Any client talks to any server with the
// same two, also to one written elsewhere.
package echo

import (
	"context"
	"errors"
	"net"
)

// Wire names the bytes on the network.
type Wire string

const (
	Framed Wire = "framed" // a 4-byte big-endian length, then the message
	ZMTP   Wire = "zmtp"   // ZMTP 3.x, RFC 23/ZMTP, between a REQ and a REP
)

// Secure names what wraps the bytes of a [Wire].
type Secure string

const Plain Secure = "" // nothing wraps them

var (
	// ErrTooLarge: the message is over Options.MaxMessage. Nothing was sent,
	// and the connection can be used on.
	ErrTooLarge = errors.New("message too large")
	// ErrClosed: Close was called, before or during the call.
	ErrClosed = errors.New("closed")
	// ErrNoServer: no byte of the message was ever written, so no server acted on it.
	ErrNoServer = errors.New("no server")
	// ErrNoReply: at least one byte was written, and no reply came. Whether the
	// server acted on the message is unknown.
	ErrNoReply = errors.New("no reply")
	// ErrMalformed: the peer sent bytes that are no message, or one over
	// Options.MaxMessage. It comes wrapped in ErrNoReply. Asking again would
	// bring the same answer.
	ErrMalformed = errors.New("malformed")
)

// A Server is bound to its address from the moment Listen returned it.
type Server interface {
	// Addr is the bound address; with port 0 asked for, the port given.
	Addr() net.Addr

	// Serve answers until ctx is done. Then it accepts and reads no more, lets a
	// handler that runs return, gives unsent replies Options.Grace to leave,
	// releases every descriptor and goroutine, frees the port and returns nil.
	// With a ctx already done it only releases what Listen took. It is called once.
	Serve(ctx context.Context) error
}

// A Conn is one connection, bare: it does nothing by itself. It is used by one
// goroutine at a time, but for Close, which any may call.
type Conn interface {
	// Echo sends msg, of up to Options.MaxMessage bytes, and returns the reply,
	// which is the caller's; msg is not kept. The deadline of ctx bounds both.
	// After any error but ErrTooLarge the Conn is spent, so that a late reply
	// can never answer a later request.
	//
	// Errors are ErrTooLarge, ErrClosed, ErrNoServer and ErrNoReply, the last two
	// wrapping their cause: the system's error, ctx's, or ErrMalformed.
	Echo(ctx context.Context, msg []byte) ([]byte, error)

	// Close ends the connection and a blocked Echo. A second Close does nothing.
	Close() error
}

// Connect opens one connection to addr ("host:port"), with the wire's handshake
// where it has one, and fails as the thing itself fails: a refused connection
// is ECONNREFUSED. Its errors wrap ErrNoServer.
type Connect func(ctx context.Context, addr string, o Options) (Conn, error)

// A Stack is one implementation, a row of the table in internal/stacks.
type Stack struct {
	Name   string // as in -stack NAME
	Model  string // who waits, and where, in a phrase
	Wire   Wire
	Secure Secure

	Listen  func(addr string, o Options) (Server, error)
	Connect Connect

	// Usable says why the stack cannot run on this machine; nil or a nil error
	// means that it can.
	Usable func() error
	// Excuse maps the name of a check in echo/suite to why this model fails it
	// by design. An excused check still runs, and must still fail.
	Excuse map[string]string
}
