package zmqversion_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
	"echolab/zmqversion"
)

// libzmq compiles testdata/NAME.c and returns the program.
func libzmq(t testing.TB, name string) string {
	t.Helper()
	missing := func(what string) {
		if os.Getenv("LAB_REQUIRE") == "all" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	compiler, err := exec.LookPath("cc")
	if err != nil {
		missing("no C compiler: install gcc to compare with libzmq")
	}
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libzmq").Output()
	if err != nil {
		missing("no libzmq for development: install libzmq3-dev and pkg-config to compare with it")
	}
	program := filepath.Join(t.TempDir(), name)
	args := append([]string{"-O2", "-o", program, filepath.Join("testdata", name+".c")}, strings.Fields(string(flags))...)
	out, err := exec.Command(compiler, args...).CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// start runs a program until the test ends, or kill, and returns its first line.
func start(t testing.TB, program string, args ...string) (line string, kill func()) {
	t.Helper()
	command := exec.Command(program, args...)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	kill = sync.OnceFunc(func() {
		command.Process.Kill()
		command.Wait()
	})
	t.Cleanup(kill)
	line, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line), kill
}

func run(t testing.TB, program string, args ...any) {
	t.Helper()
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = fmt.Sprint(arg)
	}
	out, err := exec.Command(program, words...).CombinedOutput()
	require.NoError(t, err, string(out))
}

var interopSizes = []int{0, 1, 255, 256, 4096, 64 << 10, 1 << 20, 16 << 20}

func TestLibzmqAsks(t *testing.T) {
	req := libzmq(t, "req")
	addr := serve(t, echo.Options{MaxMessage: 16 << 20})
	for _, size := range interopSizes {
		run(t, req, "tcp://"+addr, 3, size)
	}
}

func TestLibzmqAnswers(t *testing.T) {
	endpoint, _ := start(t, libzmq(t, "rep"), "tcp://127.0.0.1:*")
	conn := connect(t, strings.TrimPrefix(endpoint, "tcp://"), echo.Options{MaxMessage: 16 << 20})
	for _, size := range interopSizes {
		for i := range 3 {
			msg := bytes.Repeat([]byte{byte(i), 2, 3}, size/3+1)[:size]
			reply, err := conn.Echo(t.Context(), msg)
			require.NoError(t, err)
			require.True(t, bytes.Equal(msg, reply), "%d bytes", size)
		}
	}
}

// A libzmq client does not mind starting first: it connects when there is a server.
func TestLibzmqAsksBeforeThereIsAServer(t *testing.T) {
	req := libzmq(t, "req")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := taken.Addr().String()
	taken.Close()
	command := exec.Command(req, "tcp://"+addr, "10", "10")
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Equal(t, "connecting", lines.Text())
	serveAt(t, addr, echo.Options{})
	require.True(t, lines.Scan())
	require.Equal(t, "ok", lines.Text())
	require.NoError(t, command.Wait())
}

// With heartbeats every 300 ms, libzmq drops a peer that is silent for as long. A
// handler may take longer than that.
func TestLibzmqHeartbeatsOutliveASlowHandler(t *testing.T) {
	req := libzmq(t, "req")
	said := new(log)
	addr := serve(t, echo.Options{Log: logger(said), Handler: func(b []byte) []byte {
		time.Sleep(time.Second)
		return b
	}})
	run(t, req, "tcp://"+addr, 2, 10, 300)
	require.Equal(t, 1, strings.Count(said.String(), "msg=connected"), "one connection all the while")
}

// The other way round: a libzmq server with heartbeats, asked again and again.
func TestLibzmqServerSendsHeartbeats(t *testing.T) {
	endpoint, _ := start(t, libzmq(t, "rep"), "tcp://127.0.0.1:*", "100")
	conn := connect(t, strings.TrimPrefix(endpoint, "tcp://"), echo.Options{})
	for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until); {
		reply, err := conn.Echo(t.Context(), []byte("and no PING for a reply"))
		require.NoError(t, err)
		require.Equal(t, "and no PING for a reply", string(reply))
	}
}

// A bare connection is spent when the server is gone; a session goes on with the next one.
func TestLibzmqServerRestarts(t *testing.T) {
	rep := libzmq(t, "rep")
	endpoint, kill := start(t, rep, "tcp://127.0.0.1:*")
	addr := strings.TrimPrefix(endpoint, "tcp://")
	bare := connect(t, addr, echo.Options{})
	session, err := session.Dial(dialer, []string{addr}, session.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { session.Close() })
	for _, conn := range []echo.Conn{bare, session} {
		_, err := conn.Echo(t.Context(), []byte("a"))
		require.NoError(t, err)
	}
	kill()
	_, err = bare.Echo(t.Context(), []byte("b"))
	require.Error(t, err)
	_, err = zmqversion.Connect(t.Context(), addr, echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	start(t, rep, endpoint)
	reply, err := session.Echo(patience(t, 10*time.Second), []byte("c"))
	require.NoError(t, err)
	require.Equal(t, "c", string(reply))
}

func dialer(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
	conn, err := zmqversion.Connect(ctx, addr, o)
	if err != nil {
		return nil, err // not a nil *Conn, which is no nil echo.Conn
	}
	return conn, nil
}
