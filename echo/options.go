package echo

import (
	"fmt"
	"log/slog"
	"time"
)

// Options are the same for servers and clients; each uses the fields that
// concern it. The zero value works.
type Options struct {
	// MaxMessage bounds a message, either way, in bytes. Zero means 1 MiB, and
	// more than 1 GiB means 1 GiB.
	MaxMessage int

	// MaxClients bounds open connections; one more is accepted and closed at
	// once. Zero means what RLIMIT_NOFILE leaves, at most 20,000.
	MaxClients int

	// HandshakeTimeout is the time from accept to the end of the ZMTP handshake.
	// Zero means 10 s. The framed wire has no handshake: there a silent peer
	// costs a descriptor, and MaxClients is the bound.
	HandshakeTimeout time.Duration

	// MessageTimeout is the time from a message's first byte to its last, and how
	// long an unread reply may stand still. Zero means 10 s. It is kept to within
	// a tenth of itself.
	MessageTimeout time.Duration

	// Grace is what unsent replies get once Serve has been told to stop. Zero means 1 s.
	Grace time.Duration

	// Handler makes the reply; nil echoes. The request is valid until it returns,
	// and it may return the request or a part of it. It is called on the goroutine
	// that the model has, so a slow one shows what the model is worth: rawsocket
	// calls it from many goroutines at once, the others from one. A reply over
	// MaxMessage closes the connection.
	Handler func(request []byte) []byte

	// Keys is a directory of keys, for the stacks that encrypt.
	Keys string

	// Log is told of connections. Nil is silent.
	Log *slog.Logger
}

// WithDefaults returns o with every zero value replaced by what it stands for.
func (o Options) WithDefaults() Options {
	if o.MaxMessage <= 0 {
		o.MaxMessage = 1 << 20
	}
	o.MaxMessage = min(o.MaxMessage, 1<<30)
	if o.MaxClients <= 0 {
		o.MaxClients = min(descriptorsLeft(), 20_000)
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.HandshakeTimeout, 10 * time.Second},
		{&o.MessageTimeout, 10 * time.Second},
		{&o.Grace, time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if o.Handler == nil {
		o.Handler = func(request []byte) []byte { return request }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// CheckSize returns ErrTooLarge, with the numbers, for a message that may not be sent.
func (o Options) CheckSize(msg []byte) error {
	if len(msg) > o.MaxMessage {
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(msg), o.MaxMessage)
	}
	return nil
}
