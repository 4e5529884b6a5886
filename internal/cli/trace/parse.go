package trace

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A record is one system call in strace's words.
type record struct {
	name, args, result string
	end                time.Time
	took               time.Duration
}

var (
	// 4711 1795386992.976673 read(6<…>, "hello", 512) = 5 <0.000073>
	ofThread = regexp.MustCompile(`^(\d+) +(\d+)\.(\d{6}) (.*)$`)
	whole    = regexp.MustCompile(`^(\w+)\((.*)\) += (\S+)(.*)$`)
	// A call during which another thread's line was written comes in two halves.
	unfinished = regexp.MustCompile(`^(\w+)\((.*) <unfinished \.\.\.>$`)
	resumed    = regexp.MustCompile(`^<\.\.\. (\w+) resumed>(.*)$`)
	duration   = regexp.MustCompile(`<(\d+)\.(\d{6})>$`)
)

// parse reads what strace -f -ttt -T wrote. Signals, and the ends of threads, are
// no calls; nor is a call that had not returned when the trace ended.
func parse(log []byte) ([]record, error) {
	var records []record
	begun := map[string]string{} // by thread, the first half of a line
	for line := range strings.Lines(string(log)) {
		m := ofThread.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			return nil, fmt.Errorf("strace wrote a line that is none of its own: %q", line)
		}
		thread, at, text := m[1], stamp(m[2], m[3]), m[4]
		half := false
		if r := resumed.FindStringSubmatch(text); r != nil {
			text, half = begun[thread]+r[2], true
			delete(begun, thread)
		}
		if u := unfinished.FindStringSubmatch(text); u != nil {
			begun[thread] = u[1] + "(" + u[2]
			continue
		}
		if w := whole.FindStringSubmatch(text); w != nil {
			r := record{name: w[1], args: w[2], result: outcome(w[3], w[4]), end: at, took: length(w[4])}
			if !half {
				r.end = at.Add(r.took) // its line bears the time of its beginning
			}
			records = append(records, r)
		}
	}
	return records, nil
}

// outcome is the value, or the name of the error behind a value of -1 or "?".
func outcome(value, rest string) string {
	if value == "-1" || value == "?" {
		if name, _, _ := strings.Cut(strings.TrimSpace(rest), " "); strings.HasPrefix(name, "E") {
			return name
		}
	}
	return value
}

func stamp(seconds, micros string) time.Time {
	s, _ := strconv.ParseInt(seconds, 10, 64) // digits, as the pattern says
	us, _ := strconv.ParseInt(micros, 10, 64)
	return time.Unix(s, us*1000)
}

func length(rest string) time.Duration {
	m := duration.FindStringSubmatch(rest)
	if m == nil {
		return 0 // strace does not say
	}
	return stamp(m[1], m[2]).Sub(time.Unix(0, 0))
}
