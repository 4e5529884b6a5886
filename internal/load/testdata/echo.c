/* The measure of an event loop: epoll, one read and one write an event, and no
 * idea of messages. What it does badly (it waits for one client's full send
 * buffer) or not at all (EMFILE), the load does not cause. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char buf[128 << 10];

static void need(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static void watch(int ep, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	need(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == 0, "epoll_ctl");
}

static void echo(int fd)
{
	ssize_t n = read(fd, buf, sizeof buf);
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			close(fd);
		return;
	}
	for (ssize_t sent = 0; sent < n;) {
		ssize_t m = write(fd, buf + sent, n - sent);
		if (m >= 0) {
			sent += m;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else {
			close(fd);
			return;
		}
	}
}

int main(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
	need(l >= 0 && bind(l, (void *)&at, len) == 0 && listen(l, 4096) == 0, "listen");
	need(getsockname(l, (void *)&at, &len) == 0, "getsockname");
	printf("READY 127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
	int ep = epoll_create1(0);
	watch(ep, l);
	static struct epoll_event ready[256];
	for (;;) {
		int n = epoll_wait(ep, ready, 256, -1);
		for (int i = 0; i < n; i++) {
			if (ready[i].data.fd != l) {
				echo(ready[i].data.fd);
				continue;
			}
			int fd = accept4(l, 0, 0, SOCK_NONBLOCK);
			if (fd >= 0) {
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
				watch(ep, fd);
			}
		}
	}
}
