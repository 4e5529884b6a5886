package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// libzmq compiles the course note's own programs and returns their path.
func libzmq(t *testing.T) string {
	t.Helper()
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libzmq").Output()
	if err == nil {
		_, err = exec.LookPath("gcc")
	}
	if err != nil {
		const install = "install a C compiler and libzmq, for example with apt-get install gcc libzmq3-dev pkg-config"
		require.NotEqual(t, "all", os.Getenv("LAB_REQUIRE"), install)
		t.Skip(install)
	}
	path := filepath.Join(t.TempDir(), "hello")
	source, err := os.Open("testdata/hello.c") // opened here, so that a cached result notices a change
	require.NoError(t, err)
	defer source.Close()
	compile := exec.Command("gcc", append([]string{"-Wall", "-Werror", "-o", path, "-x", "c", "-"}, strings.Fields(string(flags))...)...)
	compile.Stdin = source
	out, err := compile.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// Our client works against libzmq's server, and the other way round.
func TestCourseNoteWithLibzmq(t *testing.T) {
	hello := libzmq(t)
	t.Run("our client", func(t *testing.T) {
		addr := free(t)
		server := startFile(t, hello, "server", "tcp://"+addr, "3")
		code, stdout, stderr := run(t, "", "request", "-connect", "tcp://"+addr, "-n", "3")
		require.Equal(t, 0, code, stderr)
		require.Equal(t, connecting+"\n"+strings.Join(said(0, 3), "\n")+"\n", stdout)
		code, stdout, stderr = server.end()
		require.Equal(t, 0, code, stderr)
		require.Equal(t, "hello_0.\nhello_1.\nhello_2.\n", stdout)
	})
	t.Run("our servers", func(t *testing.T) {
		first, a := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "1ms")
		second, b := respond(t, "-listen", "tcp://127.0.0.1:0", "-delay", "1ms")
		code, stdout, stderr := startFile(t, hello, "client", "4", a, b).end()
		require.Equal(t, 0, code, stderr)
		require.Equal(t, strings.Repeat("Received World.\n", 4), stdout)
		first.saysOut([]string{"hello_0.", "send world to client with count=0.", "hello_2."})
		second.saysOut([]string{"hello_1.", "send world to client with count=0.", "hello_3."})
	})
}
