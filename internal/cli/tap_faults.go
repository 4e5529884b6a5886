package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"echolab/internal/proxy"
)

// faults are what lab tap does to the bytes, in the order of the command line.
type faults struct {
	up, down bool
	asked    []func() proxy.Fault // called when every flag is known
	gap      time.Duration        // of -slice
	hold     time.Duration        // of -join
	seed     uint64               // of every random choice
}

// flags adds a flag for each fault.
func (s *faults) flags(f *flags) {
	s.up, s.gap, s.hold = true, time.Millisecond, 100*time.Millisecond
	f.add("way", "up", "spoil the way `W`: up to the server, down, or both", func(w string) error {
		s.up, s.down = w == "up" || w == "both", w == "down" || w == "both"
		if !s.up && !s.down {
			return errors.New("write up, down or both")
		}
		return nil
	})
	s.slice(f)
	f.duration(&s.gap, "gap", "the time `D` behind each piece of -slice")
	s.number(f, "join", "hold back until `N` bytes have come, or -hold has passed", func(n int) proxy.Fault { return proxy.Join(n, s.hold) })
	f.duration(&s.hold, "hold", "how long -join waits for more, `D`")
	s.time(f, "latency", "everything arrives `D` later", proxy.Latency)
	s.time(f, "jitter", "each piece arrives up to `D` later", proxy.Jitter)
	s.number(f, "rate", "`N` bytes a second, and no more", proxy.Bandwidth)
	s.number(f, "corrupt", "turn one bit of byte `N` over, counted from 0", proxy.Corrupt)
	s.number(f, "cut", "after `N` bytes, FIN to both ends", proxy.CutAfter)
	s.number(f, "half", "after `N` bytes, FIN this way only", proxy.HalfAfter)
	s.number(f, "reset", "after `N` bytes, RST to both ends", proxy.ResetAfter)
	s.number(f, "stall", "after `N` bytes silence; no more is read", proxy.StallAfter)
	s.number(f, "blackhole", "after `N` bytes all is read, and nothing arrives", proxy.BlackholeAfter)
	s.number(f, "refuse", "reset the first `N` connections", proxy.Refuse)
	s.seed = rand.Uint64N(10_000) // easy to type again
	f.add("seed", "", "`S` makes the random choices of an earlier run again", func(typed string) (err error) {
		if s.seed, err = strconv.ParseUint(typed, 10, 64); err != nil {
			return errors.New("write the number that an earlier run printed")
		}
		return nil
	})
}

// slice adds -slice, whose value is one size or two.
func (s *faults) slice(f *flags) {
	f.add("slice", "", "`N` bytes at a time; with N-M a random size between", func(typed string) error {
		first, last, two := strings.Cut(typed, "-")
		if !two {
			last = first
		}
		least, err := strconv.Atoi(first)
		most, other := strconv.Atoi(last)
		if err != nil || other != nil || least < 1 || most < least {
			return errors.New("write a size in bytes, or two, for example 1 or 1-7")
		}
		s.asked = append(s.asked, func() proxy.Fault { return proxy.Slice(least, most, s.gap) })
		return nil
	})
}

func (s *faults) number(f *flags, name, about string, fault func(int) proxy.Fault) {
	f.add(name, "", about, func(typed string) error {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 {
			return errors.New("write a whole number from 0")
		}
		s.asked = append(s.asked, func() proxy.Fault { return fault(n) })
		return nil
	})
}

func (s *faults) time(f *flags, name, about string, fault func(time.Duration) proxy.Fault) {
	f.add(name, "", about, func(typed string) error {
		d, err := time.ParseDuration(typed)
		if err != nil || d < 0 {
			return errors.New("write a time with its unit, for example 500ms or 2s")
		}
		s.asked = append(s.asked, func() proxy.Fault { return fault(d) })
		return nil
	})
}

// list makes the faults, for one way.
func (s *faults) list() (faults []proxy.Fault) {
	for _, fault := range s.asked {
		faults = append(faults, fault())
	}
	return faults
}

// way is the faults up, or down.
func (s *faults) way(up bool) []proxy.Fault {
	if up && s.up || !up && s.down {
		return s.list()
	}
	return nil
}

// stories are the sentences of the faults, for whoever watches.
func (s *faults) stories() []string {
	stories := []string{}
	for _, f := range s.list() {
		stories = append(stories, fmt.Sprint(f))
	}
	return stories
}
