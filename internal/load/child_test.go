//go:build linux

package load_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/internal/stacks"
)

// TestMain is also the servers: this program is started again with the name of
// one in LAB_SERVER.
func TestMain(m *testing.M) {
	name, child := os.LookupEnv("LAB_SERVER")
	if !child {
		os.Exit(m.Run())
	}
	if err := server(name); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func server(name string) error {
	go answer()
	switch name {
	case "net+bufio":
		return plain()
	case "zmq4":
		return bareZMQ()
	}
	stack, err := stacks.Find(name)
	if err != nil {
		return err
	}
	s, err := stack.Listen("127.0.0.1:0", echo.Options{})
	if err != nil {
		return err
	}
	ready(s.Addr())
	return s.Serve(context.Background())
}

func ready(addr net.Addr) { fmt.Printf("READY %s\n", addr) }

// answer tells, for each line of input, how many allocations there were so far;
// for "free", it first gives back the memory that is not used.
func answer() {
	var m runtime.MemStats
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "free" {
			debug.FreeOSMemory()
		}
		runtime.ReadMemStats(&m)
		fmt.Println(m.Mallocs)
	}
}

// plain is the server that one writes first: a goroutine a connection, buffered
// both ways, a flush when nothing more has come.
func plain() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ready(l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
			var head [frame.HeaderLen]byte
			var msg []byte
			for {
				if _, err := io.ReadFull(in, head[:]); err != nil {
					return
				}
				n := int(binary.BigEndian.Uint32(head[:]))
				msg = slices.Grow(msg[:0], n)[:n]
				if _, err := io.ReadFull(in, msg); err != nil {
					return
				}
				out.Write(head[:])
				out.Write(msg)
				if in.Buffered() == 0 && out.Flush() != nil {
					return
				}
			}
		}()
	}
}

// bareZMQ is zmq4's REP as it comes.
func bareZMQ() error {
	rep := zmq4.NewRep(context.Background())
	if err := rep.Listen("tcp://127.0.0.1:0"); err != nil {
		return err
	}
	ready(rep.Addr())
	for {
		msg, err := rep.Recv()
		if err != nil {
			return err
		}
		if err := rep.Send(msg); err != nil {
			return err
		}
	}
}
