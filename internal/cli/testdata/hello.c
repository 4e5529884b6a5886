// The course note's two programs, in libzmq's C.
//
//   hello server ENDPOINT N       answers World, N times
//   hello client N ENDPOINT...    sends hello_0 to hello_N-1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void fail(const char *call) {
	fprintf(stderr, "%s: %s\n", call, zmq_strerror(zmq_errno()));
	exit(1);
}

// text receives a message of up to 63 bytes; zmq_recv adds no NUL.
static void text(void *socket, char *into) {
	int n = zmq_recv(socket, into, 63, 0);
	if (n < 0)
		fail("zmq_recv");
	into[n < 63 ? n : 63] = 0;
}

static void serve(void *context, const char *endpoint, int n) {
	void *rep = zmq_socket(context, ZMQ_REP);
	if (zmq_bind(rep, endpoint))
		fail("zmq_bind");
	for (int i = 0; i < n; i++) {
		char request[64];
		text(rep, request);
		printf("%s.\n", request);
		if (zmq_send(rep, "World", 5, 0) < 0)
			fail("zmq_send");
	}
	zmq_close(rep);
}

static void ask(void *context, int n, char **endpoints) {
	void *req = zmq_socket(context, ZMQ_REQ);
	for (; *endpoints; endpoints++)
		if (zmq_connect(req, *endpoints))
			fail("zmq_connect");
	for (int i = 0; i < n; i++) {
		char hello[64], reply[64];
		snprintf(hello, sizeof hello, "hello_%d", i);
		if (zmq_send(req, hello, strlen(hello), 0) < 0)
			fail("zmq_send");
		text(req, reply);
		printf("Received %s.\n", reply);
	}
	zmq_close(req);
}

int main(int argc, char **argv) {
	if (argc < 4)
		return 2;
	void *context = zmq_ctx_new();
	if (strcmp(argv[1], "server") == 0)
		serve(context, argv[2], atoi(argv[3]));
	else
		ask(context, atoi(argv[2]), argv + 3);
	zmq_ctx_term(context);
	return 0;
}
