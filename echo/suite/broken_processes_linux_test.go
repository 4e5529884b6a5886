package suite_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/suite"
)

// childEnv names the broken server that this binary, started again, is to be.
const childEnv = "ECHOLAB_BROKEN_SERVER"

// children are the broken servers that are programs.
var children = map[string]func(l net.Listener){
	"spins":    spins,
	"dies":     dies,
	"gives up": givesUp,
	"believes": believes,
	"hoards":   hoards,
}

// brokenProcesses run out of what the system gives.
func brokenProcesses() []broken {
	return []broken{
		{
			check: "server/descriptors", mistake: "accept is tried again at once", says: "share of a core",
			rig: process("spins"),
		},
		{check: "server/descriptors", mistake: "log.Fatal at EMFILE", says: "during|connecting to", rig: process("dies")},
		{
			check: "server/descriptors", mistake: "an error ends the accept loop", says: "an honest client was not served",
			rig: process("gives up"),
		},
		{
			check: "server/memory", mistake: "room for what is announced", says: "bytes that the server grew by",
			rig: process("believes"),
		},
		{
			check: "server/memory", mistake: "replies wait in a queue without end", says: "bytes that the server grew by",
			rig: process("hoards"),
		},
	}
}

// process is a rig whose command is this test binary, as that child.
func process(name string) func(*testing.T, echo.Wire) *suite.Rig {
	return func(_ *testing.T, wire echo.Wire) *suite.Rig {
		return &suite.Rig{Wire: wire, Command: func(string, echo.Options) *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childEnv+"="+name)
			return cmd
		}}
	}
}

// child is main of a broken server.
func child(name string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("READY", l.Addr())
	children[name](l)
}

func spins(l net.Listener) {
	for {
		if conn, err := l.Accept(); err == nil {
			go talk(conn)
		}
	}
}

func dies(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			os.Exit(1)
		}
		go talk(conn)
	}
}

func givesUp(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			select {} // those who are in are served
		}
		go talk(conn)
	}
}

// talk echoes until the client leaves.
func talk(conn net.Conn) {
	defer conn.Close()
	if p, err := suite.Greet(context.Background(), conn, echo.Framed, "REP"); err == nil {
		plain(echo.Options{}.WithDefaults(), p)
	}
}

// believes touches what it allocates, as calloc's caller would.
func believes(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			header := make([]byte, 4)
			for {
				if _, err := io.ReadFull(conn, header); err != nil {
					return
				}
				msg := make([]byte, binary.BigEndian.Uint32(header))
				for i := range msg {
					msg[i] = ' '
				}
				if _, err := io.ReadFull(conn, msg); err != nil {
					return
				}
				conn.Write(suite.Encode(echo.Framed, msg))
			}
		}()
	}
}

// hoards reads on while a client does not.
func hoards(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			replies := make(chan []byte, 1<<20)
			go func() {
				for reply := range replies {
					conn.Write(reply)
				}
			}()
			buf := make([]byte, 64<<10)
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				replies <- append([]byte(nil), buf[:n]...)
			}
		}()
	}
}

// brokenSelf asks again until somebody answers, and then does not ask who.
func brokenSelf() []broken {
	return []broken{{
		check: "client/itself", mistake: "connect(2) said yes", says: `"connection refused" in chain but got nil`,
		rig: connecting(func(echo.Connect) echo.Connect { return persistent }),
	}}
}

// persistent does what net.Dial does, but for one thing: it looks at both ends.
func persistent(_ context.Context, addr string, _ echo.Options) (echo.Conn, error) {
	to := netip.MustParseAddrPort(addr)
	err := error(unix.ECONNREFUSED)
	for tries := 0; err == unix.ECONNREFUSED && tries < 200_000; tries++ {
		var fd int
		if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			break
		}
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // no TIME_WAIT on that port
		unix.Close(fd)
	}
	return nil, os.NewSyscallError("connect", err)
}
