#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC  // Linux 5.11
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

static int pair(int type, int ends[2]) {
    return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
}

int martlet_stream_pair(int ends[2], int bytes) {
    // Our calls say MSG_DONTWAIT; O_NONBLOCK is left alone, since an end given to a child keeps it.
    int error = pair(SOCK_STREAM, ends);
    if (error) return error;
    // What is under way counts against the buffer of its sender.
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    return 0;
}

int martlet_packet_pair(int ends[2]) { return pair(SOCK_SEQPACKET, ends); }

int martlet_send_packet(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec part = {(void *)bytes, count};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

ssize_t martlet_receive_packet(int socket, void *bytes, size_t count) {
    ssize_t received;
    do received = recv(socket, bytes, count, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    return received < 0 ? -errno : received;
}

ssize_t martlet_send(int socket, const struct iovec *parts, size_t count) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

ssize_t martlet_receive(int socket, const struct iovec *parts, size_t count) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    return received < 0 ? -errno : received;
}

int martlet_event_open(void) {
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return event < 0 ? -errno : event;
}

void martlet_event_signal(int event) {
    uint64_t one = 1;
    while (write(event, &one, sizeof one) < 0 && errno == EINTR) {}
}

void martlet_event_clear(int event) {
    uint64_t count;
    while (read(event, &count, sizeof count) < 0 && errno == EINTR) {}
}

int martlet_wait(int socket, int for_reading, int for_writing, int event) {
    short events = (short)((for_reading ? POLLIN : 0) | (for_writing ? POLLOUT : 0));
    // A hang-up is always reported, so a socket that nobody asks about is left out.
    struct pollfd entries[2] = {{events ? socket : -1, events, 0}, {event, POLLIN, 0}};
    int ready;
    do ready = poll(entries, 2, -1);
    while (ready < 0 && errno == EINTR);
    if (ready < 0) return -errno;
    int result = 0;
    if (entries[0].revents) result |= MARTLET_SOCKET;
    if (entries[1].revents) {
        martlet_event_clear(event);
        result |= MARTLET_EVENT;
    }
    return result;
}

int martlet_accept(int socket) {
    int connection;
    do connection = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
    while (connection < 0 && errno == EINTR);
    return connection < 0 ? -errno : connection;
}

int martlet_wait_hangup(int socket, int milliseconds) {
    struct pollfd entry = {socket, POLLRDHUP, 0};
    int ready;
    do ready = poll(&entry, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    return ready < 0 ? -errno : ready;
}

void martlet_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

int martlet_processor_count(void) {
    // The kernel wants a set at least as large as its own, and does not say how large that is.
    for (int most = CPU_SETSIZE; most <= 1 << 20; most *= 2) {
        cpu_set_t *set = CPU_ALLOC(most);
        if (!set) return -ENOMEM;
        size_t size = CPU_ALLOC_SIZE(most);
        int error = sched_getaffinity(0, size, set) < 0 ? errno : 0;
        int count = error ? 0 : CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (!error) return count;
        if (error != EINVAL) return -error;
    }
    return -EINVAL;
}

char **martlet_environment(void) { return environ; }

int martlet_spawn(
    const char *file, char *const arguments[], char *const environment[], const char *directory,
    int descriptor, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t every, none;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return -error;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        return -error;
    }
    sigfillset(&every);
    sigemptyset(&none);
    // dup2 onto itself clears close-on-exec, as posix_spawn(3) promises.
    if (!(error = posix_spawn_file_actions_adddup2(&actions, descriptor, 3)) &&
        !(error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) &&
#ifdef __GLIBC__
        !(error = posix_spawn_file_actions_addclosefrom_np(&actions, 4)) &&
#endif
        !(error = posix_spawn_file_actions_addchdir_np(&actions, directory)) &&
        !(error = posix_spawnattr_setsigdefault(&attributes, &every)) &&
        !(error = posix_spawnattr_setsigmask(&attributes, &none)) &&
        !(error = posix_spawnattr_setpgroup(&attributes, 0)) &&
        !(error = posix_spawnattr_setflags(
              &attributes,
              POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP)))
        error = posix_spawnp(pid, file, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

// posix_spawn has no attribute for it, so this is fork and exec by hand. Between the two, only what
// may be called in a child of a process with threads: what could allocate is done before.
int martlet_spawn_bound(
    const char *file, char *const arguments[], char *const environment[], const char *directory,
    pid_t *pid) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -errno;
    const pid_t parent = getpid();
    sigset_t every, previous, none;
    sigfillset(&every);
    sigemptyset(&none);
    // No handler of this process may run in the child.
    pthread_sigmask(SIG_SETMASK, &every, &previous);
    const pid_t child = fork();
    if (child == 0) {
        struct sigaction fresh = {.sa_handler = SIG_DFL};
        for (int number = 1; number < NSIG; number++) sigaction(number, &fresh, NULL);
        int nowhere = -1;
        if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
            (nowhere = open("/dev/null", O_RDWR)) >= 0 && dup2(nowhere, 0) == 0 &&
            chdir(directory) == 0) {
            // The parent may have died before the kernel was told.
            if (getppid() != parent) _exit(127);
            // All but the standard ones close at exec, the report's included.
            if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
                for (int descriptor = 3; descriptor < 1024; descriptor++)
                    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
            pthread_sigmask(SIG_SETMASK, &none, NULL);
            execvpe(file, arguments, environment);
        }
        const int error = errno;
        ssize_t sent = write(report[1], &error, sizeof error);
        (void)sent;
        _exit(127);
    }
    const int failure = errno;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    close(report[1]);
    int error = 0;
    if (child < 0) {
        error = failure;
    } else {
        ssize_t count;
        do count = read(report[0], &error, sizeof error);
        while (count < 0 && errno == EINTR);
        if (count != sizeof error) error = 0;
        int status;
        if (error) while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    }
    close(report[0]);
    *pid = child;
    return -error;
}

static int reap(pid_t pid, int options, int *status) {
    pid_t ended;
    do ended = waitpid(pid, status, options);
    while (ended < 0 && errno == EINTR);
    return ended < 0 ? -errno : ended == pid;
}

int martlet_wait_child(pid_t pid, int milliseconds, int *status) {
    if (milliseconds < 0) return reap(pid, 0, status);
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (handle >= 0) {
        struct pollfd entry = {handle, POLLIN, 0};
        while (poll(&entry, 1, milliseconds) < 0 && errno == EINTR) {}
        close(handle);
    }
    return reap(pid, WNOHANG, status);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void martlet_remove_tree(const char *path) {
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
