#ifndef CLINUX_H
#define CLINUX_H

// What Swift cannot import (variadic functions, GNU structures) or must not do by itself (spawning).
// Every function returns 0 or a result of at least 0, or a negated errno.

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct clinux_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/// How a process ended: kind 0 is "still running", 1 "exited with value", 2 "killed by signal value",
/// 3 "ended, and nobody can tell how" (not our child).
struct clinux_exit {
    int kind;
    int value;
};

/// Spawns in a session of its own with /dev/null as stdin, default dispositions, an empty signal mask and no
/// descriptor above 2. `output` (may be NULL) is a file appended to by stdout and stderr. Writes a pidfd.
pid_t clinux_spawn(const char *executable, char *const *arguments, char *const *environment, const char *output,
                   const char *directory, int *pidfd);
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_signal(int pidfd, int signal);
/// Never waits; reaps a child that has ended.
int clinux_pidfd_exit(int pidfd, struct clinux_exit *result);

int clinux_peer(int descriptor, struct clinux_peer *result);
/// Non-blocking, close-on-exec.
int clinux_accept(int listener);
int clinux_set_blocking(int descriptor, int blocking);
int clinux_ofd_lock(int descriptor);
int clinux_open(const char *path, int flags, mode_t mode);

/// Opens a path below a directory for reading; no `..`, link or mount that leads out of it is followed, nor any other
/// symbolic link (openat2(2)).
int clinux_open_beneath(int directory, const char *path);

/// Non-blocking, close-on-exec; never used up: write and read 8 bytes.
int clinux_eventfd(void);

/// An eventfd that becomes readable with every arrival of a signal from this call on; the signal's own effect is off.
/// One at a time for each number.
int clinux_watch_signal(int number);
/// The signal is ignored from here on. The descriptor remains the caller's to close.
void clinux_unwatch_signal(int number);

/// At most 15 bytes.
int clinux_name_thread(pthread_t thread, const char *name);

/// SCHED_RR at the lowest priority for a thread (0: the calling one), which new threads inherit.
int clinux_real_time(pid_t thread);
/// A real-time thread that computes this long without waiting ends the process (RLIMIT_RTTIME).
int clinux_limit_real_time(unsigned seconds);

/// The calling thread reads and writes files only while nobody else does (ioprio_set(2), class idle).
int clinux_idle_io(void);

struct clinux_filesystem {
    /// As statfs(2) numbers them.
    long kind;
    uint64_t free_bytes;
    long longest_name;
    int is_read_only;
};
int clinux_filesystem(const char *path, struct clinux_filesystem *result);

/// Begins to write a part of a file to its disk; `wait` until it is there (sync_file_range(2)).
int clinux_write_out(int descriptor, int64_t offset, int64_t count, int wait);

struct clinux_clock {
    int is_synchronised;
    /// The most that the clock can be off, as whoever keeps it has last said, and 500 ppm for the time since.
    long max_error_microseconds;
};
/// What the kernel knows of how the wall clock is kept (adjtimex(2)).
int clinux_clock(struct clinux_clock *result);

/// One datagram to $NOTIFY_SOCKET's address; a leading '@' is the abstract name space.
int clinux_notify(const char *address, const char *text, size_t length);

/// "No such file or directory"; thread-safe, never NULL.
const char *clinux_error_text(int code);

#endif
