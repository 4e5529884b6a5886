package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
)

// source makes the messages that a client sends.
type source struct {
	next   func(ctx context.Context, i int) ([]byte, error) // message i, from 0; io.EOF after the last
	random bool                                             // the reply must be the message
	note   string                                           // for the end of the summary
}

// messageFlags adds the flags that say what to send. The function that it
// returns makes the source, once they are parsed.
func messageFlags(f *flags, n *int) func(stdin io.Reader, most int) (source, error) {
	var (
		text string
		size = -1 // out of range: no default
		seed = rand.Uint64()
	)
	f.integer(n, "n", 1, 1_000_000_000, "how many messages, `N` (default 1, or every line)")
	f.text(&text, "text", "send `TEXT`, where %d counts up from 0")
	f.integer(&size, "size", 0, 1<<30, "send this many random `BYTES`")
	f.add("seed", "", "`S` makes the random bytes of an earlier run again", func(s string) (err error) {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			return errors.New("write the number that an earlier run printed")
		}
		return nil
	})
	return func(stdin io.Reader, most int) (source, error) {
		switch {
		case f.given("text") && f.given("size"):
			return source{}, usagef("-text and -size: random bytes have no text; choose one")
		case size > most:
			return source{}, usagef("-size %d: -max allows %d", size, most)
		case !f.given("text") && !f.given("size"):
			return source{next: newLines(stdin, most).next}, nil
		}
		*n = max(*n, 1)
		if f.given("text") {
			return source{next: func(_ context.Context, i int) ([]byte, error) {
				return []byte(strings.ReplaceAll(text, "%d", strconv.Itoa(i))), nil
			}}, nil
		}
		return randomBytes(size, seed), nil
	}
}

func randomBytes(size int, seed uint64) source {
	var key [32]byte
	copy(key[:], strconv.FormatUint(seed, 10))
	random, msg := rand.NewChaCha8(key), make([]byte, size)
	return source{
		random: true,
		note:   fmt.Sprintf("; seed %d", seed),
		next: func(context.Context, int) ([]byte, error) {
			random.Read(msg) // never fails
			return msg, nil
		},
	}
}

// lines reads messages that end at each \n. A line longer than a message may be
// is an error: nothing is cut.
type lines struct {
	scanner *bufio.Scanner
	most    int
	scanned chan bool
}

func newLines(r io.Reader, most int) *lines {
	l := &lines{scanner: bufio.NewScanner(r), most: most, scanned: make(chan bool, 1)}
	// A Scanner's buffer must have room for the \n, and for a byte more.
	l.scanner.Buffer(nil, most+2)
	l.scanner.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	return l
}

// next reads a line. Nothing wakes a Read from a terminal, so it has a
// goroutine, which is waited for unless ctx is done: then it stays behind in
// Read until the process ends.
func (l *lines) next(ctx context.Context, _ int) ([]byte, error) {
	go func() { l.scanned <- l.scanner.Scan() }()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case ok := <-l.scanned:
		switch err := l.scanner.Err(); {
		case ok:
			return l.scanner.Bytes(), nil
		case err == nil:
			return nil, io.EOF
		case errors.Is(err, bufio.ErrTooLong):
			return nil, fmt.Errorf("standard input has a line over %d bytes, which -max allows", l.most)
		default:
			return nil, err
		}
	}
}
