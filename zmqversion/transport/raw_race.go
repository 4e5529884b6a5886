//go:build unix && (!linux || race)

package transport

import "syscall"

// These are package syscall's: under the race detector they tell it that what
// was written came before what is then read, as package net does. RawSyscall
// tells it nothing.
func read(descriptor int, p []byte) (int, error) { return syscall.Read(descriptor, p) }

// writev writes the first piece; its caller comes again with what is left.
func writev(descriptor int, pieces [][]byte) (int, error) {
	return syscall.Write(descriptor, pieces[0])
}
