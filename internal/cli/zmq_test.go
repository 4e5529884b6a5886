package cli_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// respond starts a responder and returns it with its endpoint.
func respond(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	p := start(t, "responder", args...)
	return p, p.address(p.stderr, "listening on ")
}

// said are the lines that a request program prints from hello first to before last.
func said(first, last int) (lines []string) {
	for i := first; i < last; i++ {
		lines = append(lines, fmt.Sprintf("Send hello_%d to server.", i), "Received World.")
	}
	return lines
}

func (p *process) saysOut(lines []string) {
	p.t.Helper()
	for _, line := range lines {
		require.Equal(p.t, line, p.line(p.stdout))
	}
}

const connecting = "Connecting to hello world server…"

// Two servers take turns, beginning with the one named first.
func TestRequestsAreDealtInTurn(t *testing.T) {
	first, a := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "1ms")
	second, b := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "1ms")
	code, stdout, stderr := run(t, "", "request", "-connect", a+","+b, "-n", "6")
	require.Equal(t, 0, code, stderr)
	require.Equal(t, connecting+"\n"+strings.Join(said(0, 6), "\n")+"\n", stdout)
	for i := range 3 {
		world := fmt.Sprintf("send world to client with count=%d.", i)
		first.saysOut([]string{fmt.Sprintf("hello_%d.", 2*i), world})
		second.saysOut([]string{fmt.Sprintf("hello_%d.", 2*i+1), world})
	}
}

// With either of the two down the other serves all of them. The original hangs.
func TestRequestGoesOnWithOneServerDown(t *testing.T) {
	_, up := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "0s")
	down := "tcp://" + free(t)
	for _, connect := range []string{down + "," + up, up + "," + down} {
		code, stdout, stderr := run(t, "", "request", "-connect", connect, "-n", "5")
		require.Equal(t, 0, code, stderr)
		require.Equal(t, connecting+"\n"+strings.Join(said(0, 5), "\n")+"\n", stdout)
	}
}

// A server that ends between two requests is passed over.
func TestRequestSurvivesAServer(t *testing.T) {
	needsSignals(t)
	first, a := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "5ms")
	_, b := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "5ms")
	client := start(t, "request", "-connect", a+","+b, "-n", "100")
	client.saysOut(append([]string{connecting}, said(0, 10)...))
	first.interrupt()
	code, _, _ := first.end()
	require.Equal(t, 0, code)
	client.saysOut(said(10, 100))
	code, _, stderr := client.end()
	require.Equal(t, 0, code, stderr)
}

// The client may come first: it waits for its server.
func TestRequestFirst(t *testing.T) {
	endpoint := "tcp://" + free(t)
	client := start(t, "request", "-connect", endpoint, "-n", "2")
	client.saysOut([]string{connecting, "Send hello_0 to server."})
	respond(t, "-listen", endpoint, "-delay", "1ms")
	client.saysOut(append([]string{"Received World."}, said(1, 2)...))
	code, _, stderr := client.end()
	require.Equal(t, 0, code, stderr)
}

// tcp://*:PORT is every interface of the machine.
func TestResponderOnEveryInterface(t *testing.T) {
	_, endpoint := respond(t, "-listen", "tcp://*:0", "-delay", "0s")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(endpoint, "tcp://"))
	require.NoError(t, err)
	code, _, stderr := run(t, "", "request", "-connect", "tcp://127.0.0.1:"+port, "-n", "1")
	require.Equal(t, 0, code, stderr)
}

// Ctrl-C in the middle of the work cuts the work short, and not the reply.
func TestInterruptedResponderStillReplies(t *testing.T) {
	needsSignals(t)
	server, endpoint := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "1h")
	client := start(t, "request", "-connect", endpoint, "-n", "1")
	server.saysOut([]string{"hello_0."})
	server.interrupt()
	client.saysOut(append([]string{connecting}, said(0, 1)...))
	code, _, stderr := client.end()
	require.Equal(t, 0, code, stderr)
	code, stdout, _ := server.end()
	require.Equal(t, 0, code)
	require.Equal(t, "send world to client with count=0.\n", stdout)
}

// A client without a server waits for one, until it is stopped.
func TestInterruptedRequestHasFailed(t *testing.T) {
	needsSignals(t)
	client := start(t, "request", "-connect", "tcp://"+free(t))
	client.saysOut([]string{connecting, "Send hello_0 to server."})
	client.interrupt()
	code, _, stderr := client.end()
	require.Equal(t, 1, code)
	require.Equal(t, "request: interrupted\n", stderr)
}

// free returns an address on which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
