//go:build linux

package rawsocket

import (
	"encoding/binary"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sockaddr is the address as bind(2) wants it, a struct sockaddr_in of ip(7).
// 127.0.0.1:9000 is
//
//	02 00         sin_family, AF_INET, in the order of this machine
//	23 28         sin_port, 9000, in network order: the high byte first
//	7f 00 00 01   sin_addr, 127.0.0.1, in network order
//	00 … 00       eight bytes that mean nothing
//
// and a port in the wrong order is 10275.
//
//lesson:network-order
func sockaddr(at *net.TCPAddr) (sa [unix.SizeofSockaddrInet4]byte) {
	binary.NativeEndian.PutUint16(sa[0:], unix.AF_INET)
	binary.BigEndian.PutUint16(sa[2:], uint16(at.Port)) // htons(3) in C
	copy(sa[4:], at.IP.To4())                           // nil is 0.0.0.0, every interface
	return sa
}

// bind is bind(2) without x/sys's Sockaddr types, which would hide those bytes. It
// needs the one use of unsafe in this package, a pointer for the kernel.
func bind(fd int, sa [unix.SizeofSockaddrInet4]byte) error {
	_, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(len(sa)))
	if errno != 0 {
		return errno
	}
	return nil
}

// tcpAddr is an IPv4 address that the kernel gave; x/sys has read its bytes.
func tcpAddr(sa unix.Sockaddr) *net.TCPAddr {
	in, ok := sa.(*unix.SockaddrInet4)
	if !ok {
		return &net.TCPAddr{}
	}
	return &net.TCPAddr{IP: in.Addr[:], Port: in.Port}
}

// setTimeout sets SO_RCVTIMEO or SO_SNDTIMEO: how long a call may sleep before it
// returns EAGAIN. Zero is for ever, so the shortest time is a microsecond.
func setTimeout(fd, option int, d time.Duration) error {
	if d > 0 {
		d = max(d, time.Microsecond)
	}
	t := unix.NsecToTimeval(d.Nanoseconds())
	return os.NewSyscallError("setsockopt", unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &t))
}
