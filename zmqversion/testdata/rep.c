/* rep ENDPOINT [HEARTBEAT_MS]: libzmq's REP, echoing frame by frame. Prints the bound endpoint. */
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

int main(int argc, char **argv) {
    void *rep = zmq_socket(zmq_ctx_new(), ZMQ_REP);
    if (argc > 2) {
        int interval = atoi(argv[2]);
        zmq_setsockopt(rep, ZMQ_HEARTBEAT_IVL, &interval, sizeof interval);
    }
    if (zmq_bind(rep, argv[1]) != 0) {
        perror(argv[1]);
        return 1;
    }
    char endpoint[256];
    size_t size = sizeof endpoint;
    zmq_getsockopt(rep, ZMQ_LAST_ENDPOINT, endpoint, &size);
    printf("%s\n", endpoint);
    fflush(stdout);
    for (;;) {
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, rep, 0) < 0) return 1;
        int more = zmq_msg_more(&msg) ? ZMQ_SNDMORE : 0;
        if (zmq_msg_send(&msg, rep, more) < 0) return 1;
    }
}
