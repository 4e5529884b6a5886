package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"echolab/echo"
)

// A history is what is known of one message after the attempts that failed.
type history struct {
	wrote bool   // a byte may have reached a server, in some attempt
	addr  string // of the last attempt
	last  error  // of the last attempt
}

// add notes a failed attempt. Only ErrNoServer promises that nothing was written.
// An attempt that was cut short because the call ended says nothing of a server,
// so the reason before it, if there is one, stays.
func (h *history) add(addr string, err error, cut bool) {
	h.wrote = h.wrote || !errors.Is(err, echo.ErrNoServer)
	if !cut || h.last == nil {
		h.addr, h.last = addr, err
	}
}

// final reports whether another attempt is useless or forbidden. ErrMalformed
// from a handshake is neither: no reply was asked for yet.
func (h *history) final(atMostOnce bool) bool {
	malformed := errors.Is(h.last, echo.ErrMalformed) && !errors.Is(h.last, echo.ErrNoServer)
	return malformed || atMostOnce && h.wrote
}

// failure sums the attempts up in one error; ended is ctx's, or nil.
func (h *history) failure(ended error) error {
	outcome := echo.ErrNoServer
	if h.wrote {
		outcome = echo.ErrNoReply
	}
	switch {
	case h.last == nil:
		return fmt.Errorf("%w: %w", outcome, ended)
	case ended == nil:
		return fmt.Errorf("%w: %s: %w", outcome, h.addr, cause{h.last})
	default:
		return fmt.Errorf("%w: %w: last tried %s: %w", outcome, ended, h.addr, cause{h.last})
	}
}

// A cause is why the last attempt failed, without how it ended: its ErrNoServer
// must not show when an earlier attempt wrote, nor its timeout as ctx's.
type cause struct{ err error }

func (c cause) Error() string {
	text := c.err.Error()
	for _, outcome := range []error{echo.ErrNoServer, echo.ErrNoReply} {
		text = strings.TrimPrefix(text, outcome.Error()+": ")
	}
	return text
}

func (c cause) Is(target error) bool {
	switch target {
	case echo.ErrNoServer, echo.ErrNoReply, echo.ErrClosed, context.Canceled, context.DeadlineExceeded:
		return false
	}
	return errors.Is(c.err, target)
}

func (c cause) As(target any) bool { return errors.As(c.err, target) }
