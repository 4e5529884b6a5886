package echolab_test

import (
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// floors are the rooms of the house, from the ground up. A room is a folder with
// its subfolders; of two that match, the longer name counts.
var floors = [][]string{
	{"echo"},
	{"echo/frame", "echo/session", "internal/wire", "internal/proxy", "internal/hostile"},
	{"rawsocket", "epoll", "uring", "zmqversion", "echo/suite", "internal/tap"},
	{"internal/stacks"},
	{"internal/cli", "internal/grade", "internal/load", "internal/lesson", "internal/web"},
	{"cmd", "lessons", "scripts"},
}

// TestImportsPointDown reads every import, tests included: a room knows the
// floors below its own, and nothing of its neighbours.
func TestImportsPointDown(t *testing.T) {
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "my" || name == "bin") {
			return fs.SkipDir
		}
		imports, err := importsOf(path)
		require.NoError(t, err)
		for _, up := range imports {
			if why := breach(path, up); why != "" {
				t.Errorf("%s imports %s: %s", path, up, why)
			}
		}
		return nil
	}))
}

// TestImportsOf shows that imports are seen, those of tests and of other systems included.
func TestImportsOf(t *testing.T) {
	own, err := importsOf("epoll")
	require.NoError(t, err)
	require.Subset(t, own, []string{"echo", "echo/frame"})
}

// TestBreach shows that the rule can be broken.
func TestBreach(t *testing.T) {
	for _, c := range []struct{ from, to, why string }{
		{"rawsocket", "echo/frame", ""},
		{"zmqversion", "zmqversion/transport", ""},
		{"cmd/lab", "internal/cli", ""},
		{"echo", "echo/frame", "floor 0 may not know floor 1"},
		{"epoll", "rawsocket", "neighbours on floor 2"},
		{"internal/proxy", "internal/stacks", "floor 1 may not know floor 3"},
		{"internal/util", "echo", "internal/util is on no floor: add it to floors"},
	} {
		require.Equal(t, c.why, breach(c.from, c.to), "%s imports %s", c.from, c.to)
	}
}

// importsOf lists the lab's own packages that the package in dir imports.
func importsOf(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 || dir == "." || dir == "tools" {
		return nil, err
	}
	// Every system's files count, so the build constraints are not looked at.
	context := build.Default
	context.UseAllFiles = true
	context.ReadDir = func(dir string) ([]fs.FileInfo, error) { return goFiles(dir) }
	pkg, err := context.ImportDir(dir, 0)
	if _, several := err.(*build.MultiplePackageError); err != nil && !several {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	var own []string
	for _, list := range [][]string{pkg.Imports, pkg.TestImports, pkg.XTestImports} {
		for _, path := range list {
			if inside, ok := strings.CutPrefix(path, "echolab/"); ok {
				own = append(own, inside)
			}
		}
	}
	return own, nil
}

func goFiles(dir string) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(dir)
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".go") {
			files = append(files, info)
		}
	}
	return files, err
}

// breach says why from may not import to, "" when it may.
func breach(from, to string) string {
	fromRoom, fromFloor := room(from)
	toRoom, toFloor := room(to)
	switch {
	case fromFloor < 0:
		return fromRoom + " is on no floor: add it to floors"
	case toFloor < 0:
		return toRoom + " is on no floor: add it to floors"
	case fromRoom == toRoom:
		return ""
	case fromFloor == toFloor:
		return fmt.Sprintf("neighbours on floor %d", fromFloor)
	case fromFloor < toFloor:
		return fmt.Sprintf("floor %d may not know floor %d", fromFloor, toFloor)
	}
	return ""
}

// room is the longest room that path lies in, and its floor; -1 for none.
func room(path string) (name string, floor int) {
	path, floor = filepath.ToSlash(path), -1
	for n, rooms := range floors {
		for _, r := range rooms {
			if (path == r || strings.HasPrefix(path, r+"/")) && len(r) > len(name) {
				name, floor = r, n
			}
		}
	}
	if floor < 0 {
		return path, floor
	}
	return name, floor
}
