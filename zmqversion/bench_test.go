package zmqversion_test

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/zmqversion"
)

// BenchmarkServer asks three servers the same with libzmq's REQ: ours, bare zmq4,
// and libzmq's own REP. Compare them in one run; both ends share the machine.
func BenchmarkServer(b *testing.B) {
	load, rep := libzmq(b, "load"), libzmq(b, "rep")
	for _, size := range []int{64, 64 << 10} {
		for _, clients := range []int{1, 8, 64} {
			for _, server := range []struct {
				name  string
				start func(b *testing.B) string
			}{
				{"ours", ours},
				{"zmq4", bare},
				{"libzmq", func(b *testing.B) string {
					endpoint, _ := start(b, rep, "tcp://127.0.0.1:*")
					return endpoint
				}},
			} {
				b.Run(fmt.Sprintf("%dB/%dclients/%s", size, clients, server.name), func(b *testing.B) {
					endpoint := server.start(b)
					count := max(b.N, 8*clients)
					out, err := exec.Command(load, endpoint, strconv.Itoa(clients), strconv.Itoa(size), strconv.Itoa(count)).Output()
					require.NoError(b, err)
					ns, err := strconv.Atoi(strings.TrimSpace(string(out)))
					require.NoError(b, err)
					b.ReportMetric(float64(ns)/float64(count), "ns/op")
					b.ReportMetric(float64(count)/time.Duration(ns).Seconds(), "echoes/s")
				})
			}
		}
	}
}

func ours(b *testing.B) string {
	server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	b.Cleanup(func() {
		stop()
		require.NoError(b, <-served)
	})
	return "tcp://" + server.Addr().String()
}

// bare is zmq4 as its manual has it, with its own tcp transport.
func bare(b *testing.B) string {
	rep := zmq4.NewRep(context.Background())
	require.NoError(b, rep.Listen("tcp://127.0.0.1:0"))
	b.Cleanup(func() { rep.Close() })
	go func() {
		for {
			msg, err := rep.Recv()
			if err != nil {
				return
			}
			rep.Send(zmq4.NewMsg(msg.Frames[0]))
		}
	}()
	return "tcp://" + rep.Addr().String()
}
