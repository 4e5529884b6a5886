package proxy_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
)

// What an echo costs with and without a proxy: CPU of the whole process, both
// ends included, so that the difference is the proxy.
func BenchmarkEcho(b *testing.B) {
	b.Run("direct", func(b *testing.B) { echoes(b, directly(b)) })
	b.Run("proxy", func(b *testing.B) { echoes(b, connect(b, proxy.Options{})) })
	b.Run("tap", func(b *testing.B) { echoes(b, connect(b, proxy.Options{Tap: func(proxy.Event) {}})) })
}

func echoes(b *testing.B, p pair) {
	var served sync.WaitGroup
	served.Go(func() {
		io.CopyBuffer(struct{ io.Writer }{p.server}, struct{ io.Reader }{p.server}, make([]byte, 4096))
	})
	noDeadline(p)
	msg := make([]byte, 64)
	begin := cpu()
	for b.Loop() {
		_, err := p.client.Write(msg)
		require.NoError(b, err)
		_, err = io.ReadFull(p.client, msg)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(cpu()-begin)/1e3/float64(b.N), "cpu-µs/op")
	p.client.Close()
	served.Wait()
}

// 64 MiB each way, at once.
func BenchmarkBothWays(b *testing.B) {
	b.Run("direct", func(b *testing.B) { bothWays(b, directly(b)) })
	b.Run("proxy", func(b *testing.B) { bothWays(b, connect(b, proxy.Options{})) })
}

func bothWays(b *testing.B, p pair) {
	const size = 64 << 20
	b.SetBytes(2 * size)
	noDeadline(p)
	begin := cpu()
	for b.Loop() {
		var all sync.WaitGroup
		for _, conn := range []*net.TCPConn{p.client, p.server} {
			all.Go(func() {
				chunk := make([]byte, 256<<10)
				for range size / len(chunk) {
					conn.Write(chunk)
				}
			})
			all.Go(func() { io.CopyBuffer(sink{}, io.LimitReader(conn, size), make([]byte, 256<<10)) })
		}
		all.Wait()
	}
	b.ReportMetric(float64(cpu()-begin)/1e6/float64(b.N), "cpu-ms/op")
}

// noDeadline lets a benchmark last as long as it is asked to.
func noDeadline(p pair) {
	p.client.SetDeadline(time.Time{})
	p.server.SetDeadline(time.Time{})
}

// sink is io.Discard without its own, smaller buffer.
type sink struct{}

func (sink) Write(p []byte) (int, error) { return len(p), nil }

func directly(b *testing.B) pair {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer ln.Close()
	client, err := net.Dial("tcp", ln.Addr().String())
	require.NoError(b, err)
	server, err := ln.Accept()
	require.NoError(b, err)
	b.Cleanup(func() { client.Close(); server.Close() })
	return pair{nil, client.(*net.TCPConn), server.(*net.TCPConn)}
}
