package wire_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/internal/wire"
)

const (
	greeting = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	ready = "\x04\x26\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ\x08Identity\x00\x00\x00\x00"
	hello = "\x01\x00\x00\x05hello"
)

// words is each field as "name length note".
func words(fields []wire.Field) (words []string) {
	for _, f := range fields {
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %d %s", f.Name, len(f.Bytes), f.Note)))
	}
	return words
}

func TestFramed(t *testing.T) {
	for in, want := range map[string][]string{
		"":                             nil,
		"\x00\x00\x00\x05hello":        {"length 4 size 5", `body 5 "hello"`},
		"\x00\x00\x00\x00\x00":         {"length 4 size 0", "length 1 1 of 4 bytes came"},
		"\x00\x00\x00\x05hel":          {"length 4 size 5", "body 3 3 of 5 bytes came"},
		"\x80\x00\x00\x00a":            {"length 4 size 2147483648", "body 1 1 of 2147483648 bytes came"},
		"\x00\x00\x00\x01a\x00\x00":    {"length 4 size 1", `body 1 "a"`, "length 2 2 of 4 bytes came"},
		"\x00\x00\x00\x02\x00\xff\x00": {"length 4 size 2", `body 2 "\x00\xff"`, "length 1 1 of 4 bytes came"},
	} {
		require.Equal(t, want, words(wire.Framed([]byte(in))), "%q", in)
	}
}

func TestGreeting(t *testing.T) {
	require.Equal(t, []string{
		"signature 10 ff, eight bytes of padding, 7f: old peers read it as a long frame",
		"version 2 major and minor, [3 0]",
		"mechanism 20 NULL",
		"as-server 1 [0]; only PLAIN and CURVE ask",
		"filler 31 zeros, up to 64 bytes",
	}, words(wire.ZMTP([]byte(greeting))))
	require.Equal(t, []string{"malformed 4 a greeting begins with ff, eight bytes of padding and 7f"},
		words(wire.ZMTP([]byte("GET "))))
	require.Equal(t, "malformed 3 version 1, whose greeting goes on in another way",
		words(wire.ZMTP([]byte(greeting[:10] + "\x01\x00\x00")))[1])
}

// After a greeting, what each of these bytes is.
func TestFrames(t *testing.T) {
	for in, want := range map[string][]string{
		ready: {
			"header 2 command, size 38", "command 6 READY",
			`property 19 Socket-Type: "REQ"`, `property 13 Identity: ""`,
		},
		hello: {
			"delimiter 2 an empty frame, and more: the body follows",
			"header 2 last frame, size 5", `body 5 "hello"`,
		},
		hello[2:]:                               {"header 2 last frame, size 5", `body 5 "hello"`},
		"\x01\x00\x01\x00\x00\x00":              {"delimiter 2 an empty frame, and more: the body follows", "header 2 frame, size 0, and more", "header 2 last frame, size 0"},
		"\x01\x02id\x01\x00\x00\x00":            {"header 2 frame, size 2, and more", `body 2 "id"`, "delimiter 2 an empty frame, and more: the body follows", "header 2 last frame, size 0"},
		"\x02\x00\x00\x00\x00\x00\x00\x00":      {"header 8 8 of 9 bytes came"},
		"\x02\x00\x00\x00\x00\x00\x00\x00\x01a": {"header 9 last frame, size 1", `body 1 "a"`},
		"\x02\x40\x00\x00\x00\x00\x00\x00\x00a": {"header 9 last frame, size 4611686018427387904", "body 1 1 of 4611686018427387904 bytes came"},
		"\x02\x80\x00\x00\x00\x00\x00\x00\x00a": {"malformed 10 a size of 9223372036854775808 bytes; its highest bit is to be 0"},
		"\x08\x00ab":                            {"malformed 4 the flags 00001000 have reserved bits"},
		"\x05\x00ab":                            {"malformed 4 a command is one frame, and this one has MORE"},
		"\x04\x00" + hello[2:]:                  {"malformed 9 a command of no bytes, not even a name"},
		"\x04\x03\x05ab" + hello[2:]:            {"header 2 command, size 3", "malformed 3 a command begins with a name and its length; 5 does not fit", "header 2 last frame, size 5", `body 5 "hello"`},
		"\x04\x07\x04PINGab":                    {"header 2 command, size 7", "command 5 PING", `data 2 "ab"`},
		"\x04\x07\x04PING":                      {"header 2 command, size 7", "body 5 5 of 7 bytes came"},
		"\x04\x08\x05READY\x03a":                {"header 2 command, size 8", "command 6 READY", "malformed 2 a property without a name, or with no length of its value"},
	} {
		fields := wire.ZMTP([]byte(greeting + in))
		require.Equal(t, want, words(fields[5:]), "%q", in)
	}
}

func FuzzEveryByteIsInOneField(f *testing.F) {
	f.Add([]byte(greeting + ready + hello + hello))
	f.Add([]byte("\x00\x00\x00\x05hello\x00\x00"))
	f.Add([]byte(greeting + "\x04\x08\x05READY\x03a" + hello))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, dissect := range []func([]byte) []wire.Field{wire.Framed, wire.ZMTP} {
			whole := dissect(b)
			covers(t, b, whole)
			// What has come does not change its meaning when more comes, but for the
			// last field, and what follows a malformed one.
			for cut := range b {
				part := dissect(b[:cut])
				covers(t, b[:cut], part)
				for i := range max(len(part)-1, 0) {
					require.Equal(t, whole[i], part[i], "%q cut at %d", b, cut)
				}
			}
		}
	})
}

func covers(t *testing.T, b []byte, fields []wire.Field) {
	offset := 0
	for _, f := range fields {
		require.Equal(t, offset, f.Offset)
		require.NotEmpty(t, f.Bytes)
		require.NotEmpty(t, f.Name)
		require.True(t, bytes.HasPrefix(b[offset:], f.Bytes))
		offset += len(f.Bytes)
	}
	require.Equal(t, len(b), offset, "bytes without a field")
}

func ExampleZMTP() {
	for _, f := range wire.ZMTP([]byte(greeting + ready + hello))[5:] {
		fmt.Printf("%3d  %-10s %s\n", f.Offset, f.Name, f.Note)
	}
	// Output:
	//  64  header     command, size 38
	//  66  command    READY
	//  72  property   Socket-Type: "REQ"
	//  91  property   Identity: ""
	// 104  delimiter  an empty frame, and more: the body follows
	// 106  header     last frame, size 5
	// 108  body       "hello"
}
