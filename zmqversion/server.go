// Package zmqversion is the echo as ZeroMQ sees it: a REP socket answers, a REQ
// socket asks, and there are no connections, bytes or frames in sight.
//
// What waits: Recv, for a message from whichever peer. Where: behind it, in a
// goroutine of zmq4's for each connection. What wakes it: a whole message. All
// that keeps this true when peers are slow, gone or hostile is in
// zmqversion/transport.
package zmqversion

import (
	"bytes"
	"context"
	"net"
	"sync"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
	"echolab/zmqversion/transport"
)

// A Server answers with one REP socket. Its handler runs on one goroutine.
type Server struct {
	o     echo.Options
	guard *transport.Guard
	rep   zmq4.Socket
}

// Listen binds addr ("host:port").
func Listen(addr string, o echo.Options) (*Server, error) {
	o = o.WithDefaults()
	s := &Server{o: o, guard: transport.New(zmq4.Rep, o), rep: zmq4.NewRep(context.Background())}
	if err := s.guard.At(addr, s.rep.Listen); err != nil {
		s.rep.Close()
		return nil, err
	}
	return s, nil
}

// Addr is the bound address.
func (s *Server) Addr() net.Addr { return s.rep.Addr() }

// Serve answers until ctx is done; see [echo.Server].
func (s *Server) Serve(ctx context.Context) error {
	var answering sync.WaitGroup
	answering.Go(func() { s.answer(ctx) })
	<-ctx.Done()
	s.guard.Shutdown() // while answer goes on: what zmq4 has read must be taken from it
	s.rep.Close()      // and now Recv fails
	answering.Wait()
	return nil
}

func (s *Server) answer(ctx context.Context) {
	for {
		request, err := s.rep.Recv()
		if err != nil {
			return // closed; the guard lets nothing through that REP refuses
		}
		var reply zmq4.Msg // of no frame, which hangs up
		if ctx.Err() == nil {
			reply = zmq4.NewMsg(s.handle(request))
		}
		s.rep.Send(reply) // to the peer that asked, if it is still there
	}
}

// handle makes the reply to a message, of which the guard leaves one frame, or
// none when it is empty.
func (s *Server) handle(msg zmq4.Msg) []byte {
	var request []byte
	if len(msg.Frames) > 0 {
		request = msg.Frames[0]
	}
	reply := s.o.Handler(request)
	if !sameMemory(reply, request) {
		reply = bytes.Clone(reply) // Send returns before it has written; the handler may reuse its own
	}
	return reply
}

// sameMemory reports whether a is b or a part of it: slices of one array share its end.
func sameMemory(a, b []byte) bool {
	return cap(a) > 0 && cap(b) > 0 && &a[:cap(a)][cap(a)-1] == &b[:cap(b)][cap(b)-1]
}
