#ifndef MARTLET_CPOSIX_H
#define MARTLET_CPOSIX_H

// What Swift cannot call itself: macros, variadic functions, and system calls that its C library
// module does not show. Every descriptor made here is close-on-exec, no write raises SIGPIPE, and
// calls that a signal interrupts are repeated. Failures are returned as -errno.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/// A connected pair of Unix stream sockets (data) that take `bytes` in each direction before they
/// are full; the system's limit (net.core.wmem_max) may grant less.
int martlet_stream_pair(int ends[2], int bytes);
/// A connected pair of Unix sequenced-packet sockets (control), both blocking.
int martlet_packet_pair(int ends[2]);
/// Sends `count` bytes as one packet, with `descriptor` attached unless it is negative.
int martlet_send_packet(int socket, const void *bytes, size_t count, int descriptor);
/// Receives one packet, waiting for it; 0: the other side has closed.
ssize_t martlet_receive_packet(int socket, void *bytes, size_t count);

/// Writes as much as fits without waiting; -EAGAIN if nothing does.
ssize_t martlet_send(int socket, const struct iovec *parts, size_t count);
/// Reads what is there without waiting; 0 at the end, -EAGAIN if there is nothing yet.
ssize_t martlet_receive(int socket, const struct iovec *parts, size_t count);

/// A counter that `martlet_wait` can wait for.
int martlet_event_open(void);
void martlet_event_signal(int event);
void martlet_event_clear(int event);

enum { MARTLET_SOCKET = 1, MARTLET_EVENT = 2 };
/// Waits until the socket can be read or written, as asked, or the event is signalled; clears the
/// event. Returns which of the two it was (MARTLET_SOCKET, MARTLET_EVENT).
int martlet_wait(int socket, int for_reading, int for_writing, int event);

/// Waits for the next connection of a listening socket.
int martlet_accept(int socket);
/// Waits until the other side of a socket has closed it, at most `milliseconds`; 1: it has, 0: it
/// has not.
int martlet_wait_hangup(int socket, int milliseconds);

/// Names the calling thread, for debuggers and top(1); cut to 15 bytes.
void martlet_name_thread(const char *name);

/// How many processors the calling thread may run on, which can be fewer than the machine has: in
/// a container, or under taskset(1).
int martlet_processor_count(void);

/// The process's own environment.
char **martlet_environment(void);
/// Starts `file` (looked up in PATH if it has no slash) in `directory`, in a process group of its
/// own, with stdin from /dev/null, `descriptor` as its descriptor 3, stdout and stderr inherited,
/// all others closed, and signals as a fresh process has them.
int martlet_spawn(
    const char *file, char *const arguments[], char *const environment[], const char *directory,
    int descriptor, pid_t *pid);
/// Like `martlet_spawn`, without a descriptor 3; the kernel kills the process when the calling
/// thread ends, and with it when this process does, however it does. The thread is to wait for it.
int martlet_spawn_bound(
    const char *file, char *const arguments[], char *const environment[], const char *directory,
    pid_t *pid);
/// Waits for a child, at most `milliseconds`; 1: it has ended, 0: it has not.
int martlet_wait_child(pid_t pid, int milliseconds, int *status);

/// Removes a directory and all that is in it; follows no symbolic link and leaves its file system
/// alone.
void martlet_remove_tree(const char *path);

#endif
