//go:build linux

package epoll_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/epoll"
)

// Each of them is seen to fail.
func TestBrokenPollers(t *testing.T) {
	for _, o := range obligations {
		t.Run(o.name, func(t *testing.T) {
			p, err := epoll.NewPoller["epoll"]()
			require.NoError(t, err)
			r := newRig(t, o.broke(p))
			f := &failure{}
			r.TestingT = f
			checked := make(chan bool)
			go func() {
				defer close(checked)
				o.check(r)
			}()
			<-checked
			require.NotEmpty(t, f.why, "it passed")
		})
	}
}

// A failure takes what a check has to say.
type failure struct{ why string }

func (f *failure) Errorf(format string, args ...any) { f.why += fmt.Sprintf(format, args...) }
func (f *failure) FailNow()                          { runtime.Goexit() }

type deaf struct { // tells of each descriptor but once
	epoll.Poller
	told []int
}

func (p *deaf) Wait(dst []int, block time.Duration) (int, error) {
	n, err := p.Poller.Wait(dst, block)
	for _, fd := range dst[:n] {
		if slices.Contains(p.told, fd) {
			return 0, err
		}
		p.told = append(p.told, fd)
	}
	return n, err
}

type short struct{ epoll.Poller } // loses the last

func (p short) Wait(dst []int, block time.Duration) (int, error) {
	n, err := p.Poller.Wait(dst, block)
	return max(n-1, 0), err
}

type unfair struct{ epoll.Poller } // tells of the lowest first, always

func (p unfair) Wait(dst []int, block time.Duration) (int, error) {
	all := make([]int, 100)
	n, err := p.Poller.Wait(all, block)
	slices.Sort(all[:n])
	return copy(dst, all[:n]), err
}

type liar struct{ epoll.Poller } // says that it tells once

func (p liar) Edge() bool { return true }

type sticky struct{ epoll.Poller } // forgets nothing

func (p sticky) Remove(int) error { return nil }

type fixed struct{ epoll.Poller } // changes nothing

func (p fixed) Modify(int, epoll.Ready) error { return nil }

type hasty struct{ epoll.Poller } // never sleeps

func (p hasty) Wait(dst []int, _ time.Duration) (int, error) { return p.Poller.Wait(dst, 0) }
