#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// By syscall, so that an older glibc at build time is enough.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

int clinux_pidfd_open(pid_t pid) {
    long result = syscall(SYS_pidfd_open, pid, 0);
    return result < 0 ? -errno : (int)result;
}

int clinux_pidfd_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

static int spawn_with(posix_spawnattr_t *attributes, posix_spawn_file_actions_t *actions, const char *executable,
                      char *const *arguments, char *const *environment, const char *output, const char *directory,
                      pid_t *pid) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int error = posix_spawnattr_setsigdefault(attributes, &all);
    if (!error) error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error)
        error = posix_spawnattr_setflags(attributes,
                                         POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    if (!error) error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error && output) {
        error = posix_spawn_file_actions_addopen(actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0640);
        if (!error) error = posix_spawn_file_actions_adddup2(actions, 1, 2);
    }
    if (!error && directory) error = posix_spawn_file_actions_addchdir_np(actions, directory);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (!error) error = posix_spawn(pid, executable, actions, attributes, arguments, environment);
    return error;
}

pid_t clinux_spawn(const char *executable, char *const *arguments, char *const *environment, const char *output,
                   const char *directory, int *pidfd) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    int error = posix_spawnattr_init(&attributes);
    if (error) return -error;
    error = posix_spawn_file_actions_init(&actions);
    if (error) {
        posix_spawnattr_destroy(&attributes);
        return -error;
    }
    pid_t pid = 0;
    error = spawn_with(&attributes, &actions, executable, arguments, environment, output, directory, &pid);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error) return -error;

    // Nobody has reaped it yet, so the number still means this child.
    int descriptor = clinux_pidfd_open(pid);
    if (descriptor < 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return descriptor;
    }
    *pidfd = descriptor;
    return pid;
}

int clinux_pidfd_exit(int pidfd, struct clinux_exit *result) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    int status;
    // 3 is P_PIDFD, which older headers lack.
    do status = waitid((idtype_t)3, (id_t)pidfd, &info, WEXITED | WNOHANG);
    while (status < 0 && errno == EINTR);
    result->value = 0;
    if (status < 0) {
        if (errno != ECHILD) return -errno;
        result->kind = 3;
        return 0;
    }
    if (info.si_pid == 0) {
        result->kind = 0;
        return 0;
    }
    result->kind = info.si_code == CLD_EXITED ? 1 : 2;
    result->value = info.si_status;
    return 0;
}

int clinux_peer(int descriptor, struct clinux_peer *result) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
    result->pid = credentials.pid;
    result->uid = credentials.uid;
    result->gid = credentials.gid;
    return 0;
}

int clinux_accept(int listener) {
    int descriptor;
    do descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (descriptor < 0 && errno == EINTR);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_set_blocking(int descriptor, int blocking) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return fcntl(descriptor, F_SETFL, flags) < 0 ? -errno : 0;
}

int clinux_ofd_lock(int descriptor) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return fcntl(descriptor, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

int clinux_open(const char *path, int flags, mode_t mode) {
    int descriptor;
    do descriptor = open(path, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_notify(const char *address, const char *text, size_t length) {
    struct sockaddr_un target;
    memset(&target, 0, sizeof target);
    size_t size = strlen(address);
    if (size == 0 || size >= sizeof target.sun_path) return -ENAMETOOLONG;
    target.sun_family = AF_UNIX;
    memcpy(target.sun_path, address, size);
    if (address[0] == '@') target.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    ssize_t sent = sendto(descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&target,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
    int error = sent < 0 ? -errno : 0;
    close(descriptor);
    return error;
}

const char *clinux_error_text(int code) {
    const char *text = strerrordesc_np(code);
    return text ? text : "unknown error";
}

int clinux_name_thread(pthread_t thread, const char *name) {
    return -pthread_setname_np(thread, name);
}

int clinux_eventfd(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

// Where each signal rings; -1 and 0 are nowhere.
static atomic_int bells[NSIG];

static void ring(int number) {
    int saved = errno;
    int bell = atomic_load(&bells[number]);
    uint64_t one = 1;
    if (bell > 0 && write(bell, &one, sizeof one) < 0) {
        // Full: it rings already.
    }
    errno = saved;
}

int clinux_watch_signal(int number) {
    if (number < 1 || number >= NSIG) return -EINVAL;
    int bell = clinux_eventfd();
    if (bell < 0) return bell;
    atomic_store(&bells[number], bell);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ring;
    action.sa_flags = SA_RESTART;
    if (sigaction(number, &action, NULL) == 0) return bell;
    int code = errno;
    atomic_store(&bells[number], -1);
    close(bell);
    return -code;
}

void clinux_unwatch_signal(int number) {
    signal(number, SIG_IGN);
    atomic_store(&bells[number], -1);
}

int clinux_real_time(pid_t thread) {
    struct sched_param parameters = {.sched_priority = 1};
    return sched_setscheduler(thread, SCHED_RR, &parameters) ? -errno : 0;
}

int clinux_idle_io(void) {
    // 1 is IOPRIO_WHO_PROCESS, 3 is IOPRIO_CLASS_IDLE; no header of the C library has them.
    return syscall(SYS_ioprio_set, 1, 0, 3 << 13) < 0 ? -errno : 0;
}

int clinux_clock(struct clinux_clock *result) {
    struct timex facts;
    memset(&facts, 0, sizeof facts);
    if (adjtimex(&facts) < 0) return -errno;
    result->is_synchronised = (facts.status & STA_UNSYNC) == 0;
    result->max_error_microseconds = facts.maxerror;
    return 0;
}

int clinux_limit_real_time(unsigned seconds) {
    struct rlimit limit = {.rlim_cur = seconds * 1000000ul, .rlim_max = seconds * 2000000ul};
    return setrlimit(RLIMIT_RTTIME, &limit) ? -errno : 0;
}

int clinux_filesystem(const char *path, struct clinux_filesystem *result) {
    struct statfs facts;
    if (statfs(path, &facts)) return -errno;
    result->kind = facts.f_type;
    result->free_bytes = (uint64_t)facts.f_bavail * (uint64_t)facts.f_bsize;
    result->longest_name = facts.f_namelen;
    // ST_RDONLY
    result->is_read_only = (facts.f_flags & 1) != 0;
    return 0;
}

int clinux_write_out(int descriptor, int64_t offset, int64_t count, int wait) {
    unsigned flags = SYNC_FILE_RANGE_WRITE;
    if (wait) flags |= SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER;
    return sync_file_range(descriptor, offset, count, flags) ? -errno : 0;
}

int clinux_open_beneath(int directory, const char *path) {
    // O_NONBLOCK: a pipe that somebody has put there holds nobody up.
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int descriptor;
    do descriptor = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));
    return descriptor < 0 ? -errno : descriptor;
}
