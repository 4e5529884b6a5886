package zmqversion_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/zmqversion"
)

func TestFidelity(t *testing.T) {
	addr := serve(t, echo.Options{})
	conn := connect(t, addr, echo.Options{})
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 255, 256, 511, 512, 513, 4096, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 20, 0} {
		msg := make([]byte, size)
		for i := range msg {
			msg[i] = byte(random.Uint32())
		}
		reply, err := conn.Echo(t.Context(), msg)
		require.NoError(t, err)
		require.True(t, bytes.Equal(msg, reply), "%d bytes", size)
	}
	_, err := conn.Echo(t.Context(), make([]byte, 1<<20+1))
	require.ErrorIs(t, err, echo.ErrTooLarge)
	_, err = conn.Echo(t.Context(), []byte("usable on"))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, conn.Close())
	_, err = conn.Echo(t.Context(), nil)
	require.ErrorIs(t, err, echo.ErrClosed)
}

func TestThousandClients(t *testing.T) {
	addr := serve(t, echo.Options{})
	var clients sync.WaitGroup
	var all sync.WaitGroup // connected
	all.Add(1000)
	failures := make(chan error, 1000)
	for i := range 1000 {
		clients.Go(func() {
			conn, err := zmqversion.Connect(patience(t, 20*time.Second), addr, echo.Options{})
			all.Done()
			if err != nil {
				failures <- err
				return
			}
			defer conn.Close()
			all.Wait()
			for k := range 5 {
				msg := fmt.Sprintf("%d of %d", k, i)
				reply, err := conn.Echo(context.Background(), []byte(msg))
				if err != nil || string(reply) != msg {
					failures <- fmt.Errorf("sent %q, got %q: %w", msg, reply, err)
					return
				}
			}
		})
	}
	clients.Wait()
	close(failures)
	require.Empty(t, failures)
}

func TestConnectFails(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed.Close()
	before := taken()
	_, err = zmqversion.Connect(t.Context(), closed.Addr().String(), echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	_, err = zmqversion.Connect(patience(t, 50*time.Millisecond), silent.Addr().String(), echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = zmqversion.Connect(t.Context(), silent.Addr().String(), echo.Options{HandshakeTimeout: 50 * time.Millisecond})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	silent.Close()
	settles(t, before)
}

func TestHandlerMayReuseItsMemory(t *testing.T) {
	own := make([]byte, 1<<20)
	addr := serve(t, echo.Options{Handler: func(b []byte) []byte { return own[:copy(own, b)] }})
	var clients sync.WaitGroup
	for i := range 4 {
		conn := connect(t, addr, echo.Options{})
		clients.Go(func() {
			for k := range 20 {
				msg := bytes.Repeat([]byte{byte(16*i + k)}, 1<<(10+k%11))
				reply, err := conn.Echo(context.Background(), msg)
				if err != nil || !bytes.Equal(msg, reply) {
					t.Errorf("client %d, echo %d: %v", i, k, err)
				}
			}
		})
	}
	clients.Wait()
}

func TestReplies(t *testing.T) {
	addr := serve(t, echo.Options{MaxMessage: 1000, Handler: func(b []byte) []byte {
		switch string(b) {
		case "nothing":
			return nil
		case "part":
			return b[1:3]
		default:
			return make([]byte, 1001)
		}
	}})
	conn := connect(t, addr, echo.Options{})
	for _, c := range [][2]string{{"nothing", ""}, {"part", "ar"}} {
		reply, err := conn.Echo(t.Context(), []byte(c[0]))
		require.NoError(t, err)
		require.Equal(t, c[1], string(reply))
	}
	_, err := conn.Echo(t.Context(), []byte("over the limit"))
	require.ErrorIs(t, err, echo.ErrNoReply, "a reply over MaxMessage closes the connection")
	require.False(t, errors.Is(err, echo.ErrMalformed))
}

func TestMaxClients(t *testing.T) {
	addr := serve(t, echo.Options{MaxClients: 2})
	first, second := connect(t, addr, echo.Options{}), connect(t, addr, echo.Options{})
	_, err := zmqversion.Connect(t.Context(), addr, echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	first.Close()
	_, err = second.Echo(t.Context(), []byte("not mine to lose"))
	require.NoError(t, err)
	for { // the server learns of the end a moment later
		third, err := zmqversion.Connect(patience(t, 5*time.Second), addr, echo.Options{})
		if err == nil {
			third.Close()
			break
		}
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	}
}

// A server that says more than it was asked is found out before the next request
// leaves, and one that says too much, or nonsense, at once.
func TestMalformedReplies(t *testing.T) {
	for _, c := range []struct{ name, sends string }{
		{"over the limit", "\x01\x00" + long(2, 1<<62)},
		{"a reserved flag", "\x01\x00\x80\x01a"},
		{"no delimiter", "\x00\x01a"},
		{"two replies", "\x01\x00\x00\x01a\x01\x00\x00\x01b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			go func() {
				peer, err := l.Accept()
				if err != nil {
					return
				}
				defer peer.Close()
				io.WriteString(peer, greeting+command("\x05READY\x0bSocket-Type\x00\x00\x00\x03REP"))
				io.ReadFull(peer, make([]byte, len(shaken)+5)) // and the request
				io.WriteString(peer, c.sends)
				io.Copy(io.Discard, peer) // until the client hangs up
			}()
			conn := connect(t, l.Addr().String(), echo.Options{})
			_, err = conn.Echo(t.Context(), []byte("a"))
			if c.name == "two replies" {
				require.NoError(t, err)
				_, err = conn.Echo(t.Context(), []byte("c"))
				require.ErrorIs(t, err, echo.ErrNoServer)
			} else {
				require.ErrorIs(t, err, echo.ErrNoReply)
			}
			require.ErrorIs(t, err, echo.ErrMalformed)
		})
	}
}
