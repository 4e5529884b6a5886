/* load ENDPOINT CLIENTS SIZE COUNT: that many libzmq REQ sockets on one thread, each
 * with a request under way, until COUNT replies have come. Prints the nanoseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zmq.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    int clients = atoi(argv[2]), size = atoi(argv[3]), count = atoi(argv[4]);
    void *ctx = zmq_ctx_new();
    zmq_ctx_set(ctx, ZMQ_MAX_SOCKETS, clients + 16);
    zmq_pollitem_t *items = calloc(clients, sizeof *items);
    char *out = calloc(1, size + 1), *in = malloc(size + 1);
    for (int i = 0; i < clients; i++) {
        items[i].socket = zmq_socket(ctx, ZMQ_REQ);
        items[i].events = ZMQ_POLLIN;
        if (zmq_connect(items[i].socket, argv[1]) != 0) return 1;
        zmq_send(items[i].socket, out, size, 0); /* each has shaken hands before the clock starts */
        if (zmq_recv(items[i].socket, in, size + 1, 0) != size) return 1;
    }
    long long begun = now();
    int sent = 0, got = 0;
    for (int i = 0; i < clients && sent < count; i++, sent++) zmq_send(items[i].socket, out, size, 0);
    while (got < sent) {
        zmq_poll(items, clients, -1);
        for (int i = 0; i < clients; i++) {
            if (!(items[i].revents & ZMQ_POLLIN)) continue;
            if (zmq_recv(items[i].socket, in, size + 1, 0) != size) return 1;
            got++;
            if (sent < count) {
                zmq_send(items[i].socket, out, size, 0);
                sent++;
            }
        }
    }
    printf("%lld\n", now() - begun);
    return 0;
}
