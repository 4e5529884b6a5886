package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/internal/wire"
)

var (
	plain = strings.Replace(greeting, "NULL\x00", "PLAIN", 1)
	curve = strings.Replace(greeting, "NULL\x00", "CURVE", 1)

	zeros        = strings.Repeat("\x00", 200)
	curveHello   = "\x04\xc8\x05HELLO\x01\x00" + zeros[:72] + zeros[:32] + "\x00\x00\x00\x00\x00\x00\x00\x01" + zeros[:80]
	curveMessage = "\x00\x21\x07MESSAGE\x00\x00\x00\x00\x00\x00\x00\x03" + zeros[:17]
)

// names is each field as "name length".
func names(fields []wire.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Name)
	}
	return strings.Join(all, " ")
}

func TestCommands(t *testing.T) {
	end := []string{"header 2 5", `body 5 "hello"`} // whatever a command held, the next frame is found
	for in, want := range map[string][]string{
		"\x04\x03\x05ab":                          {"header 2 3", "malformed 3 a command begins with a name and its length; 5 does not fit"},
		"\x04\x07\x03ODDabc":                      {"header 2 7", "command 4 ODD", `data 3 "abc"`},
		"\x04\x04\x03ODD":                         {"header 2 4", "command 4 ODD"},
		"\x04\x09\x04PING\x00\x0aab":              {"header 2 9", "command 5 PING", `ttl 2 "\x00\n"`, `context 2 "ab"`},
		"\x04\x07\x04PING\x00\x0a":                {"header 2 7", "command 5 PING", `ttl 2 "\x00\n"`},
		"\x04\x06\x04PING\x00":                    {"header 2 6", "malformed 6 PING with 1 bytes behind its name, and it needs 2"},
		"\x04\x07\x04PONGab":                      {"header 2 7", "command 5 PONG", `context 2 "ab"`},
		"\x04\x0b\x09SUBSCRIBEa":                  {"header 2 11", "command 10 SUBSCRIBE", `topic 1 "a"`},
		"\x04\x07\x06CANCEL":                      {"header 2 7", "command 7 CANCEL"},
		"\x04\x0a\x05ERROR\x03bad":                {"header 2 10", "command 6 ERROR", `reason 4 "bad"`},
		"\x04\x0a\x05ERROR\x04bad":                {"header 2 10", "command 6 ERROR", "malformed 4 a reason of 4 bytes does not fit into the 3 that the command still has"},
		"\x04\x0b\x05ERROR\x03badx":               {"header 2 11", "command 6 ERROR", `reason 4 "bad"`, "malformed 1 1 bytes more than this command has"},
		"\x04\x06\x05READY":                       {"header 2 6", "command 6 READY"},
		"\x04\x08\x05READY\x03a":                  {"header 2 8", "command 6 READY", "malformed 2 a property without a name, or with no length of its value"},
		"\x04\x0d\x05READY\x01a\x00\x00\x00\x09b": {"header 2 13", "command 6 READY", "malformed 7 a property's value of 9 bytes; the command has 1 more"},
	} {
		fields := wire.ZMTP([]byte(greeting + in + hello[2:]))
		require.Equal(t, append(want, end...), words(fields[5:]), "%q", in)
	}
}

func TestPlain(t *testing.T) {
	fields := wire.ZMTP([]byte(plain + "\x04\x0d\x05HELLO\x02me\x03key" + "\x04\x08\x07WELCOME" +
		"\x04\x10\x08INITIATE\x01a\x00\x00\x00\x01b" + "\x04\x0a\x05HELLO\x03abc" + hello))[5:]
	require.Equal(t, []string{
		"header 2 13", "command 6 HELLO", `username 3 "me"`, `password 4 "key"`,
		"header 2 8", "command 8 WELCOME",
		"header 2 16", "command 9 INITIATE", "property 6 a", `value 1 "b"`,
		"header 2 10", "command 6 HELLO", "malformed 4 a username of 3 bytes does not fit into the 3 that the command still has",
	}, words(fields[:13]))
}

// CURVE's commands have the sizes of RFC 26, and its messages are sealed.
func TestCurve(t *testing.T) {
	fields := wire.ZMTP([]byte(curve + curveHello + curveMessage +
		"\x04\xa8\x07WELCOME" + zeros[:160] +
		"\x06\x00\x00\x00\x00\x00\x00\x01\x01\x08INITIATE" + zeros + zeros[:48] +
		"\x04\x2e\x05READY" + zeros[:40] + "\x04\xa9\x07WELCOME" + zeros[:161] + "\x04\x07\x05READYx" + hello))[5:]
	require.Equal(t, "header command curve-version padding client-key nonce signature "+
		"header command nonce box "+
		"header command nonce box "+
		"header command cookie nonce box "+
		"header command nonce box "+
		"header command nonce box malformed "+
		"header malformed "+
		"header header malformed", names(fields))
	require.Equal(t, wire.Payload, fields[10].Class)
	require.Equal(t, 17, len(fields[10].Bytes))
}

func TestTLS(t *testing.T) {
	require.Equal(t, []string{
		"record 5 handshake 4", "handshake 4 ClientHello",
		"record 5 change cipher spec 1", "change cipher spec 1 from here on the sender encrypts",
		"record 5 handshake 1", "handshake 1 encrypted",
		"record 5 application data 2", "sealed 2 encrypted, with its real type: in TLS 1.3 the end of the handshake, too",
		"malformed 2 99 is no type of a TLS record",
	}, words(wire.NewTLS().Next([]byte("\x16\x03\x01\x00\x04\x01\x00\x00\x00"+"\x14\x03\x03\x00\x01\x01"+
		"\x16\x03\x03\x00\x01\x02"+"\x17\x03\x03\x00\x02ab"+"cd"))))
	require.Equal(t, []string{"malformed 3 version 71; TLS writes 3 here, whatever its own"}, words(wire.NewTLS().Next([]byte("\x16GE"))))
	require.Equal(t, []string{"malformed 5 a record of 65535 bytes; 18432 is the most"}, words(wire.NewTLS().Next([]byte("\x16\x03\x03\xff\xff"))))
	require.Equal(t, []string{"record 5 alert 2", "alert 2 70"}, words(wire.NewTLS().Next([]byte("\x15\x03\x03\x00\x02\x02\x46"))))
}
