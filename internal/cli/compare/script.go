package compare

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"echolab/echo"
)

const clients = 8 // at once

// A script is what each stack is given: the same bytes in the same order.
type script struct {
	noise []byte   // every message is a part of it
	cuts  [][2]int // where each begins and ends
}

// newScript writes 1,404 messages of up to most bytes: the lengths at which
// codecs change their minds, then random ones, mostly short.
func newScript(most int) *script {
	random := rand.NewChaCha8([32]byte{})
	s := &script{noise: make([]byte, most+4096)}
	random.Read(s.noise)
	for _, n := range []int{0, 1, 127, 128, 255, 256, 257, 4095, 4096, 65535, 65536, 65537, most - 1, most} {
		s.add(n, 0)
	}
	dice := rand.New(random)
	for len(s.cuts) < 1404 {
		s.add(dice.IntN(1<<dice.IntN(15)), dice.IntN(4096))
	}
	return s
}

func (s *script) add(size, at int) { s.cuts = append(s.cuts, [2]int{at, at + size}) }

func (s *script) largest() (n int) {
	for _, cut := range s.cuts {
		n = max(n, cut[1]-cut[0])
	}
	return n
}

// play deals the script to several clients and compares each reply. They connect
// when they come and leave when they are done, since one model serves one at a
// time: there, all but one wait.
func (row *Row) play(ctx context.Context, stack echo.Stack, addr string, s *script) {
	var mu sync.Mutex // guards row and problems
	problems := map[int]string{}
	note := func(i int, problem string) {
		mu.Lock()
		defer mu.Unlock()
		if problem == "" {
			row.Messages++
		} else {
			problems[i] = problem
		}
	}
	var all sync.WaitGroup
	for first := range clients {
		all.Go(func() { s.share(ctx, stack, addr, first, note) })
	}
	all.Wait()
	for _, i := range slices.Sorted(maps.Keys(problems)) {
		row.differ("message %d, of %d bytes: %s", i, s.cuts[i][1]-s.cuts[i][0], problems[i])
	}
}

// share is what one client does: every eighth message, from first on, until its
// connection fails.
func (s *script) share(ctx context.Context, stack echo.Stack, addr string, first int, note func(i int, problem string)) {
	conn, err := stack.Connect(ctx, addr, echo.Options{})
	if err != nil {
		note(first, err.Error())
		return
	}
	defer conn.Close()
	for i := first; i < len(s.cuts); i += clients {
		msg := s.noise[s.cuts[i][0]:s.cuts[i][1]]
		reply, err := conn.Echo(ctx, msg)
		if err != nil {
			note(i, err.Error())
			return
		}
		note(i, Difference(msg, reply))
	}
}

// Difference says how a reply differs from the message; "" when it does not.
func Difference(sent, got []byte) string {
	for i := range min(len(sent), len(got)) {
		if sent[i] != got[i] {
			return fmt.Sprintf("byte %d of the reply is %02x, and %02x was sent", i, got[i], sent[i])
		}
	}
	if len(sent) != len(got) {
		return fmt.Sprintf("the reply has %d bytes, and %d were sent", len(got), len(sent))
	}
	return ""
}
