package suite_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"sync"

	"echolab/echo"
	"echolab/echo/suite"
)

// replying answers each message with f of it.
func replying(f func(msg []byte) []byte) behaviour {
	return func(_ echo.Options, p *suite.Peer) {
		for {
			msg, err := p.Recv()
			if err != nil || p.Send(f(msg)) != nil {
				return
			}
		}
	}
}

// brokenReplies are servers that get a single conversation wrong.
func brokenReplies() []broken {
	return []broken{
		{
			check: "server/fidelity", mistake: "a length of 16 bits", says: "got 0 bytes",
			rig: serving(replying(func(msg []byte) []byte { return msg[:len(msg)&0xffff] })),
		},
		{
			check: "server/fidelity", mistake: "a message is text", says: "got ",
			rig: serving(replying(func(msg []byte) []byte { return []byte(strings.ToValidUTF8(string(msg), "?")) })),
		},
		{
			check: "server/fidelity", mistake: "a message ends at a zero byte", says: "got ",
			rig: serving(replying(func(msg []byte) []byte {
				before, _, _ := bytes.Cut(msg, []byte{0})
				return before
			})),
		},
		{
			check: "server/fidelity", mistake: "an empty message is none", says: "waiting for the reply to 0 bytes", hangs: true,
			rig: serving(skipsEmpty),
		},
		{check: "server/order", mistake: "a reply late by one", says: `got 17 bytes "one, message zero"`, rig: serving(lateByOne())},
		{
			check: "server/order", mistake: "one variable for the latest client", says: `bytes "client `, hangs: true,
			rig: serving(latestClient()),
		},
		{check: "server/sliced", mistake: "one read is one message", says: `got \d+ bytes`, rig: serving(readIsMessage)},
		{
			check: "server/joined", mistake: "what was read behind the header is lost", hangs: true,
			says: "waiting for the reply to 5 bytes", rig: serving(losesRest),
		},
		{
			check: "server/pipelined", mistake: "one request a read", hangs: true,
			says: `waiting for the reply to 12 bytes "a, message 1"`, rig: serving(oneARead),
		},
		{check: "server/half-close", mistake: "the client's end is the end", says: "EOF", rig: serving(closesAtEOF)},
		{
			check: "server/handler", mistake: "the handler is not asked", says: "want ",
			rig: serving(replying(func(msg []byte) []byte { return msg })),
		},
	}
}

func skipsEmpty(_ echo.Options, p *suite.Peer) {
	for {
		msg, err := p.Recv()
		if err != nil {
			return
		}
		if len(msg) > 0 {
			p.Send(msg)
		}
	}
}

// lateByOne sends the reply before.
func lateByOne() behaviour {
	var mu sync.Mutex
	last := []byte("one, message zero") // of anybody
	return replying(func(msg []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		reply := last
		last = msg
		return reply
	})
}

// latestClient is right while there is one client.
func latestClient() behaviour {
	var mu sync.Mutex
	var latest *suite.Peer
	return func(_ echo.Options, p *suite.Peer) {
		mu.Lock()
		latest = p
		mu.Unlock()
		for {
			msg, err := p.Recv()
			if err != nil {
				return
			}
			mu.Lock()
			latest.Send(msg)
			mu.Unlock()
		}
	}
}

func readIsMessage(_ echo.Options, p *suite.Peer) {
	buf := make([]byte, 2<<20)
	for {
		n, err := p.Read(buf)
		if err != nil {
			return
		}
		p.Send(buf[min(4, n):n])
	}
}

func losesRest(_ echo.Options, p *suite.Peer) {
	buf := make([]byte, 64)
	for {
		if _, err := io.ReadAtLeast(p.TCPConn, buf, 4); err != nil {
			return
		}
		msg := make([]byte, binary.BigEndian.Uint32(buf))
		if _, err := io.ReadFull(p.TCPConn, msg); err != nil {
			return
		}
		p.Send(msg)
	}
}

func oneARead(_ echo.Options, p *suite.Peer) {
	for {
		msg, err := p.Recv()
		if err != nil {
			return
		}
		p.Forget()
		p.Send(msg)
	}
}

// closesAtEOF reads all there is, and would then write.
func closesAtEOF(_ echo.Options, p *suite.Peer) {
	for {
		if _, err := p.Recv(); err != nil {
			return
		}
	}
}
