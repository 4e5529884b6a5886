package hostile_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/hostile"
)

// hung ends a test that would never end; nothing is measured with it.
const hung = 10 * time.Second

// harm is what one connection did to a victim.
type harm struct {
	bytes []byte
	reset bool
}

// victim is a server that believes everything: it does its half of the
// handshake, and reads until the peer has ended.
func victim(t *testing.T, w echo.Wire) (addr string, suffered <-chan harm) {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	harms := make(chan harm)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if w == echo.ZMTP {
				conn.Write(append(hostile.Greeting(), hostile.Ready("REP")...))
			}
			b, err := io.ReadAll(conn)
			conn.Close()
			harms <- harm{b, errors.Is(err, syscall.ECONNRESET)}
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-ended
	})
	return ln.Addr().String(), harms
}

// suffer is what one attack did to a victim.
func suffer(t *testing.T, p hostile.Peer, w echo.Wire, most int) harm {
	addr, harms := victim(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	attacked := make(chan error, 1)
	go func() { attacked <- p.Attack(ctx, addr, most) }()
	h := <-harms
	require.NoError(t, <-attacked)
	return h
}

// leavesNothing fails the test unless goroutines and descriptors are back where
// they were, once all that the test set up later has been cleaned up.
func leavesNothing(t *testing.T) {
	goroutines, descriptors := runtime.NumGoroutine(), open()
	t.Cleanup(func() {
		for end := time.Now().Add(hung); time.Now().Before(end); <-time.After(time.Millisecond) {
			if runtime.NumGoroutine() <= goroutines && len(open()) <= len(descriptors) {
				return
			}
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "goroutines")
		require.LessOrEqual(t, len(open()), len(descriptors), "descriptors %v", open())
	})
}

// open is what each descriptor refers to, where the system can say.
func open() (descriptors []string) {
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		what, _ := os.Readlink(name)
		descriptors = append(descriptors, what)
	}
	return descriptors
}

func find(t *testing.T, name string, w echo.Wire) hostile.Peer {
	for _, p := range hostile.Peers(w) {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no peer %q on %s", name, w)
	return hostile.Peer{}
}
