//go:build linux

package epoll

import "echolab/echo"

// The same server waits in other ways: only the Poller differs.

// ListenEdge is Listen with epoll(7) edge-triggered: told once of what begins.
func ListenEdge(addr string, o echo.Options) (*Server, error) { return listen(addr, o, newEdge) }

// ListenPoll is Listen with poll(2).
func ListenPoll(addr string, o echo.Options) (*Server, error) { return listen(addr, o, newPoll) }

// ListenSelect is Listen with select(2), which can watch descriptors up to 1023
// only: a connection with a higher one is closed, and logged.
func ListenSelect(addr string, o echo.Options) (*Server, error) { return listen(addr, o, newSelect) }

// ListenSignal is Listen with signals: O_ASYNC and F_SETSIG of fcntl(2), read
// from a signalfd(2).
func ListenSignal(addr string, o echo.Options) (*Server, error) { return listen(addr, o, newSignal) }
