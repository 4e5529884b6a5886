package wire_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
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

// words is each field as "name length value", or its note where there is no value.
func words(fields []wire.Field) (words []string) {
	for _, f := range fields {
		said := f.Value
		if said == "" {
			said = f.Note
		}
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %d %s", f.Name, len(f.Bytes), said)))
	}
	return words
}

func TestFramed(t *testing.T) {
	for in, want := range map[string][]string{
		"":                             nil,
		"\x00\x00\x00\x05hello":        {"length 4 5", `body 5 "hello"`},
		"\x00\x00\x00\x00\x00":         {"length 4 0", "length 1 1 of 4 bytes came"},
		"\x00\x00\x00\x05hel":          {"length 4 5", "body 3 3 of 5 bytes came"},
		"\x80\x00\x00\x00a":            {"length 4 2147483648", "body 1 1 of 2147483648 bytes came"},
		"\x00\x00\x00\x01a\x00\x00":    {"length 4 1", `body 1 "a"`, "length 2 2 of 4 bytes came"},
		"\x00\x00\x00\x02\x00\xff\x00": {"length 4 2", `body 2 "\x00\xff"`, "length 1 1 of 4 bytes came"},
	} {
		require.Equal(t, want, words(wire.Framed([]byte(in))), "%q", in)
	}
}

func TestGreeting(t *testing.T) {
	fields := wire.ZMTP([]byte(greeting))
	require.Equal(t, []string{
		"signature 10 ff, eight bytes of padding, 7f: to peers of ZMTP 1 it reads as a long frame",
		"version 2 3.0", "mechanism 20 NULL", "as-server 1 0", "filler 31 zeros, up to 64 bytes",
	}, words(fields))
	for _, f := range fields {
		require.Equal(t, wire.Control, f.Class)
	}
	require.Equal(t, []string{"malformed 4 a greeting begins with ff, eight bytes of padding and 7f"},
		words(wire.ZMTP([]byte("GET "))))
	require.Equal(t, "malformed 3 version 1, whose greeting goes on in another way",
		words(wire.ZMTP([]byte(greeting[:10] + "\x01\x00\x00")))[1])
}

// After a greeting, what each of these bytes is.
func TestFrames(t *testing.T) {
	const delimiter = "delimiter 2 an empty frame, and more: the envelope ends, the body follows"
	for in, want := range map[string][]string{
		ready: {
			"header 2 38", "command 6 READY",
			"property 16 Socket-Type", `value 3 "REQ"`, "property 13 Identity",
		},
		hello:                                   {delimiter, "header 2 5", `body 5 "hello"`},
		hello[2:]:                               {"header 2 5", `body 5 "hello"`},
		"\x01\x00\x01\x00\x00\x00":              {delimiter, "header 2 0", "header 2 0"},
		"\x01\x02id\x01\x00\x00\x00":            {"header 2 2", `body 2 "id"`, delimiter, "header 2 0"},
		"\x02\x00\x00\x00\x00\x00\x00\x00":      {"header 8 8 of 9 bytes came"},
		"\x02\x00\x00\x00\x00\x00\x00\x00\x01a": {"header 9 1", `body 1 "a"`},
		"\x02\x40\x00\x00\x00\x00\x00\x00\x00a": {"header 9 4611686018427387904", "body 1 1 of 4611686018427387904 bytes came"},
		"\x02\x80\x00\x00\x00\x00\x00\x00\x00a": {"malformed 10 a size of 9223372036854775808 bytes; its highest bit is to be 0"},
		"\x08\x00ab":                            {"malformed 4 the flags 00001000 have reserved bits"},
		"\x05\x00ab":                            {"malformed 4 a command is one frame, and this one has MORE"},
		"\x04\x00" + hello[2:]:                  {"malformed 2 a command of no bytes, not even a name", "header 2 5", `body 5 "hello"`},
	} {
		fields := wire.ZMTP([]byte(greeting + in))
		require.Equal(t, want, words(fields[5:]), "%q", in)
	}
}

// Where messages end, and whom the bytes serve: the sums of any tally.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		in                        []wire.Field
		ends                      int
		framing, payload, control int
	}{
		{wire.Framed([]byte("\x00\x00\x00\x05hello\x00\x00\x00\x00\x00\x00\x00\x09half")), 2, 12, 9, 0},
		{wire.ZMTP([]byte(greeting + ready + hello + "\x01\x00\x00\x00")), 2, 8, 5, 104},
		{wire.ZMTP([]byte(greeting + hello[:6])), 0, 4, 2, 64},
	} {
		ends, sums := 0, map[wire.Class]int{}
		for _, f := range c.in {
			sums[f.Class] += len(f.Bytes)
			if f.Ends {
				ends++
			}
		}
		require.Equal(t, c.ends, ends)
		require.Equal(t, []int{c.framing, c.payload, c.control}, []int{sums[wire.Framing], sums[wire.Payload], sums[wire.Control]})
	}
}

// What comes a byte at a time is told a byte at a time, and in the end as a whole.
func TestPieces(t *testing.T) {
	d := wire.NewFramed()
	var got []string
	for _, b := range []byte("\x00\x00\x00\x02hi") {
		fields := d.Next([]byte{b})
		require.Len(t, fields, 1)
		got = append(got, fmt.Sprint(fields[0].Offset, fields[0].Before, fields[0].Whole, " ", words(fields)))
	}
	require.Equal(t, []string{
		"0 0 false [length 1 1 of 4 bytes came]", "1 1 false [length 1 2 of 4 bytes came]",
		"2 2 false [length 1 3 of 4 bytes came]", "3 3 true [length 1 2]",
		"4 0 false [body 1 1 of 2 bytes came]", `5 1 true [body 1 "hi"]`,
	}, got)
}

func TestAuto(t *testing.T) {
	for in, want := range map[string]string{
		greeting:                "signature",
		"\xff":                  "signature",
		"\x16\x03\x01":          "record",
		"\x00":                  "length",
		"\x00\x00\x00\x05hello": "length",
		"GET / HTTP/1.1\r\n":    "length",
		"\x7f\xff\xff\xff":      "length",
		"\xff\xff\xff\xff":      "signature",
	} {
		require.Equal(t, want, wire.NewAuto().Next([]byte(in))[0].Name, "%q", in)
	}
}

// kinds are the dissectors, each of which must hold for any bytes.
var kinds = []func() *wire.Dissector{wire.NewFramed, wire.NewZMTP, wire.NewTLS, wire.NewAuto}

func FuzzEveryByteIsInOneField(f *testing.F) {
	for _, seed := range []string{
		"\x00\x00\x00\x05hello\x00\x00",
		greeting + ready + hello + hello,
		greeting[:9] + "\x00" + greeting[10:],
		greeting + "\x04\x08\x05READY\x03a" + hello,
		greeting + "\x04\x09\x04PING\x00\x0aab\x04\x07\x04PONGab\x04\x0b\x09SUBSCRIBEa",
		plain + "\x04\x0d\x05HELLO\x02me\x03key\x04\x08\x07WELCOME\x04\x09\x08INITIATE\x04\x0a\x05ERROR\x03bad",
		curve + curveHello + curveMessage,
		"\x16\x03\x01\x00\x04\x01\x00\x00\x00\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x02ab\x15\x03\x03\x00\x02\x01\x00",
	} {
		f.Add([]byte(seed), uint64(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		for _, dissector := range kinds {
			whole := dissector().Next(b)
			covers(t, b, whole)
			random := rand.New(rand.NewPCG(seed, 0))
			for _, most := range []int{1, 3, 1 + random.IntN(70)} {
				d, pieces := dissector(), []wire.Field(nil)
				for rest := b; len(rest) > 0; {
					n := min(len(rest), 1+random.IntN(most))
					pieces = append(pieces, d.Next(rest[:n])...)
					rest = rest[n:]
				}
				covers(t, b, pieces)
				require.Equal(t, whole, merged(b, pieces), "%q in pieces of up to %d", b, most)
			}
		}
	})
}

// covers asserts that each byte is in exactly one field.
func covers(t *testing.T, b []byte, fields []wire.Field) {
	offset := 0
	for _, f := range fields {
		require.Equal(t, offset, f.Offset)
		require.NotEmpty(t, f.Bytes)
		require.NotEmpty(t, f.Name)
		require.True(t, bytes.HasPrefix(b[offset:], f.Bytes))
		require.False(t, f.Ends && !f.Whole)
		require.Equal(t, f.Name == wire.Malformed, f.Class == wire.Wrong)
		offset += len(f.Bytes)
		for _, r := range f.Value + f.Note { // what a peer sends must not steer a terminal
			require.True(t, ' ' <= r && r <= '~' || r == '…', "%q %q", f.Value, f.Note)
		}
	}
	require.Equal(t, len(b), offset, "bytes without a field")
}

// merged is fields as they are when nothing was sliced: a field is what its last
// piece says it is.
func merged(b []byte, pieces []wire.Field) (fields []wire.Field) {
	for _, f := range pieces {
		f.Offset -= f.Before
		f.Bytes = b[f.Offset : f.Offset+f.Before+len(f.Bytes)]
		if f.Before > 0 {
			fields = fields[:len(fields)-1]
		}
		f.Before = 0
		fields = append(fields, f)
	}
	return fields
}

func ExampleZMTP() {
	for _, f := range wire.ZMTP([]byte(greeting + ready + hello))[5:] {
		fmt.Printf("%3d  %-10s %-11s  %s\n", f.Offset, f.Name, f.Value, f.Note)
	}
	// Output:
	//  64  header     38           a command of so many bytes
	//  66  command    READY        ends the handshake: the sender introduces itself
	//  72  property   Socket-Type  a name, and the length of its value: 3
	//  88  value      "REQ"        of this property
	//  91  property   Identity     a name, and the length of its value: 0
	// 104  delimiter               an empty frame, and more: the envelope ends, the body follows
	// 106  header     5            the last frame of a message, of so many bytes
	// 108  body       "hello"      what the user sent
}
