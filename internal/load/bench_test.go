//go:build linux

package load_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/internal/load"
	"echolab/internal/stacks"
)

const (
	rounds = 15
	turn   = 100 * time.Millisecond
)

// A row is a server to measure, and where its measures gather, one a round.
type row struct {
	name    string
	wire    echo.Wire
	program []string // to start; empty: this program again
	p       *load.Process
	l       *load.Load

	rate, cpu, allocs []float64
}

// rows are the stacks, and beside them what they are to be compared with; last
// is the measure. LAB_ROWS=epoll,zmq leaves the other stacks out.
func rows(b *testing.B, clients int) (all []*row) {
	only, some := os.LookupEnv("LAB_ROWS")
	for _, s := range stacks.All() {
		if some && !slices.Contains(strings.Split(only, ","), s.Name) {
			continue
		}
		if s.Excuse["server/silent-first"] != "" && clients > 1 {
			continue // it holds one client at a time
		}
		if s.Usable != nil {
			if err := s.Usable(); err != nil {
				b.Logf("%s: not here: %v", s.Name, err)
				continue
			}
		}
		all = append(all, &row{name: s.Name, wire: s.Wire})
	}
	all = append(all, &row{name: "net+bufio", wire: echo.Framed}, &row{name: "zmq4", wire: echo.ZMTP})
	if binary := bareC(b); binary != "" {
		all = append(all, &row{name: "C epoll", wire: echo.Framed, program: []string{binary}})
	}
	return all
}

func bareC(b *testing.B) string {
	if _, err := exec.LookPath("gcc"); err != nil {
		require.NotEqual(b, "all", os.Getenv("LAB_REQUIRE"), "no gcc")
		b.Log("no gcc: install it to have the bare C loop beside the others")
		return ""
	}
	binary := filepath.Join(b.TempDir(), "echo")
	out, err := exec.Command("gcc", "-O2", "-Wall", "-Werror", "-o", binary, "testdata/echo.c").CombinedOutput()
	require.NoError(b, err, "%s", out)
	return binary
}

func (r *row) start(b *testing.B) {
	cmd := exec.Command(os.Args[0])
	if len(r.program) > 0 {
		cmd = exec.Command(r.program[0], r.program[1:]...)
	}
	cmd.Env = append(os.Environ(), "LAB_SERVER="+r.name)
	cmd.Stderr = os.Stderr
	var err error
	r.p, err = load.Start(cmd, 0)
	require.NoError(b, err)
	b.Cleanup(r.p.Stop)
}

func (r *row) open(b *testing.B, clients, size int) {
	var err error
	r.l, err = load.Open(r.p.Addr, r.wire, clients, size)
	require.NoError(b, err, r.name)
	b.Cleanup(r.l.Close)
}

// mallocs is what a Go server has allocated so far.
func (r *row) mallocs(b *testing.B) float64 {
	if len(r.program) > 0 {
		return 0
	}
	line, err := r.p.Ask("mallocs")
	require.NoError(b, err)
	n, err := strconv.ParseFloat(line, 64)
	require.NoError(b, err)
	return n
}

func (r *row) measure(b *testing.B) {
	before := r.mallocs(b)
	begun, err := r.p.CPU()
	require.NoError(b, err)
	replies, took, err := r.l.Run(turn)
	require.NoError(b, err, r.name)
	ended, err := r.p.CPU()
	require.NoError(b, err)
	n := float64(replies)
	r.rate = append(r.rate, n/took.Seconds())
	r.cpu = append(r.cpu, float64((ended-begun).Nanoseconds())/1e3/n)
	r.allocs = append(r.allocs, (r.mallocs(b)-before)/n)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// BenchmarkServers measures every server at every load, in rounds: each has its
// turn in each, so that what else the machine does falls on all alike.
func BenchmarkServers(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("the load needs a processor of its own: two are needed")
	}
	for _, size := range []int{64, 64 << 10} {
		for _, clients := range []int{1, 64, 1000} {
			b.Run(fmt.Sprintf("%dB/%d", size, clients), func(b *testing.B) { compare(b, clients, size) })
		}
	}
}

func compare(b *testing.B, clients, size int) {
	all := rows(b, clients)
	var limit unix.Rlimit
	require.NoError(b, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	if need := uint64(len(all)*clients + 100); limit.Cur < need {
		b.Skipf("RLIMIT_NOFILE is %d, %d are needed: ulimit -n %d", limit.Cur, need, need)
	}
	for _, r := range all {
		r.start(b)
		r.open(b, clients, size)
	}
	unpin, err := load.Pin(1)
	require.NoError(b, err)
	defer unpin()
	for b.Loop() {
		for range rounds {
			for _, r := range all {
				r.measure(b)
			}
		}
	}
	b.ReportMetric(0, "ns/op") // of the whole comparison, and of no interest
	base := all[len(all)-1]
	head := fmt.Sprintf("%d B, %d clients\techoes/s\tCPU µs\tallocations\tCPU / %s", size, clients, base.name)
	table(head, all, func(r *row) string {
		ratio := make([]float64, len(r.cpu))
		for i := range ratio {
			ratio[i] = r.cpu[i] / base.cpu[i] // of one round
		}
		return fmt.Sprintf("%.0f\t%.2f\t%.2f\t%.2f", median(r.rate), median(r.cpu), median(r.allocs), median(ratio))
	})
}

// BenchmarkMemory counts what 1,000 clients cost a server that have made one
// echo and now say nothing. Kernel memory is not in it.
func BenchmarkMemory(b *testing.B) {
	const clients = 1000
	all := rows(b, clients)
	for b.Loop() {
		for _, r := range all {
			r.start(b)
			r.open(b, 1, 64) // what is needed once is there from now on
			r.l.Close()
			before := r.resident(b)
			r.open(b, clients, 64)
			r.cpu = append(r.cpu, float64(r.resident(b)-before)/clients)
			r.l.Close()
			r.p.Stop()
		}
	}
	b.ReportMetric(0, "ns/op")
	table(fmt.Sprintf("%d idle clients\tbytes each", clients), all, func(r *row) string {
		return fmt.Sprintf("%.0f", median(r.cpu))
	})
}

// resident is the server's memory after it has given back what it does not use.
func (r *row) resident(b *testing.B) int {
	if len(r.program) == 0 {
		_, err := r.p.Ask("free")
		require.NoError(b, err)
	}
	n, err := r.p.Resident()
	require.NoError(b, err)
	return n
}

// table prints on its own: a benchmark's log is cut after ten lines.
func table(head string, all []*row, cells func(*row) string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s\t\n", head)
	for _, r := range all {
		fmt.Fprintf(w, "%s\t%s\t\n", r.name, cells(r))
	}
	w.Flush()
}
