package proxy

import (
	"net"

	"golang.org/x/sys/unix"
)

// kernelCount asks for TCP_INFO (tcp(7)). A socket that is closed cannot say.
// Of what came in it has no such number: tcpi_bytes_received counts FIN as a byte.
func kernelCount(conn *net.TCPConn) (c Count) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return c
	}
	raw.Control(func(fd uintptr) { // an error says that it is closed: c is not known then
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			c = Count{true, info.Bytes_sent, uint64(info.Data_segs_in)}
		}
	})
	return c
}
