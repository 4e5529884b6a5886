package session

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"echolab/echo"
)

// A backoff is drawn from zero up to a limit that starts at shortest, doubles
// with each failure in a row, and stops at longest.
const (
	shortest = 50 * time.Millisecond
	longest  = 2 * time.Second
)

// A jitter draws a backoff from its limit.
type jitter func(limit time.Duration) time.Duration

// full draws from the whole range ("full jitter"), so that many clients of one
// server that went do not all come back at the same moment.
func full(limit time.Duration) time.Duration { return rand.N(limit) }

// An endpoint is one server, as far as a session knows it.
type endpoint struct {
	addr     string
	conn     echo.Conn // nil until needed, and after a failure
	failures int       // since the last reply
	retry    time.Time // passed over until then
}

func (e *endpoint) backOff(draw jitter) {
	limit := min(shortest<<min(e.failures, 10), longest) // without 10, the shift would overflow
	e.failures++
	e.retry = time.Now().Add(draw(limit))
}

// A ring deals requests to endpoints in turn.
type ring struct {
	endpoints []*endpoint
	turn      int // whose turn comes
}

func newRing(addrs []string) (ring, error) {
	if len(addrs) == 0 {
		return ring{}, errors.New("no address; write host:port, for example 127.0.0.1:9000")
	}
	var r ring
	for _, addr := range addrs {
		if err := check(addr); err != nil {
			return ring{}, err
		}
		r.endpoints = append(r.endpoints, &endpoint{addr: addr})
	}
	return r, nil
}

// next gives the turn to the next endpoint that is not backing off. If all are,
// it returns nil and how long the first of them still will.
func (r *ring) next() (*endpoint, time.Duration) {
	now, wait := time.Now(), longest
	for range r.endpoints {
		e := r.endpoints[r.turn]
		r.turn = (r.turn + 1) % len(r.endpoints)
		left := e.retry.Sub(now)
		if left <= 0 {
			return e, 0
		}
		wait = min(wait, left)
	}
	return nil, wait // a whole round: the turn is where it was
}

// check says what is wrong with an address and what would be right. Whether its
// host exists is for Connect to find out, each time.
func check(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	var wrong string
	switch afterHost := addr[strings.LastIndex(addr, "]")+1:]; {
	case !strings.Contains(afterHost, ":"), err == nil && port == "":
		wrong = "no port"
	case err != nil:
		wrong = "not a host and a port (an IPv6 host stands in brackets)"
	case host == "":
		wrong = "no host"
	case notNumber != nil, number == 0:
		wrong = "the port is no number from 1 to 65535"
	default:
		return nil
	}
	return fmt.Errorf("%q: %s; write host:port, for example 127.0.0.1:9000", addr, wrong)
}
