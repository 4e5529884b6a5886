/* req ENDPOINT COUNT SIZE [HEARTBEAT_MS]: libzmq's REQ. It checks COUNT echoes of
 * SIZE bytes, each different, and prints "ok". With heartbeats, a connection that
 * was lost shows as no reply within 10 s. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    int count = atoi(argv[2]), size = atoi(argv[3]), patience = 10000;
    void *req = zmq_socket(zmq_ctx_new(), ZMQ_REQ);
    zmq_setsockopt(req, ZMQ_RCVTIMEO, &patience, sizeof patience);
    if (argc > 4) {
        int interval = atoi(argv[4]);
        zmq_setsockopt(req, ZMQ_HEARTBEAT_IVL, &interval, sizeof interval);
    }
    if (zmq_connect(req, argv[1]) != 0) {
        perror(argv[1]);
        return 1;
    }
    printf("connecting\n"); /* zmq_connect does not wait: there may be no server yet */
    fflush(stdout);
    char *msg = malloc(size + 1);
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < size; k++) msg[k] = (char)(k * 31 + i);
        if (zmq_send(req, msg, size, 0) != size) return 1;
        zmq_msg_t reply;
        zmq_msg_init(&reply);
        if (zmq_msg_recv(&reply, req, 0) < 0) {
            perror("no reply");
            return 1;
        }
        if (zmq_msg_more(&reply) || zmq_msg_size(&reply) != (size_t)size
                || memcmp(zmq_msg_data(&reply), msg, size) != 0) {
            printf("echo %d of %d bytes differs\n", i, size);
            return 1;
        }
        zmq_msg_close(&reply);
    }
    printf("ok\n");
    return 0;
}
