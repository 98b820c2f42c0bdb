/* A layer between the program and the file system that fails on request, loaded with LD_PRELOAD.
 *
 * FAULTY_CALL   write | sync: which calls are counted
 * FAULTY_NTH    the call that fails, counted from 1, over files whose path contains "rapport.sqlite"
 * FAULTY_ERROR  io (EIO, once: a bad sector) | full (ENOSPC, from then on: a full disk) | torn (half is written, then EIO)
 * FAULTY_COUNT  a file: how many calls there were is written into it at the end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long seen;

static int ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strstr(path, "rapport.sqlite") != NULL;
}

static int is(const char *name, const char *value) {
    const char *given = getenv(name);
    return given && strcmp(given, value) == 0;
}

/* 0: go on; 1: fail; 2: fail after half. Sets errno. */
static int fails(const char *call, int fd) {
    if (!is("FAULTY_CALL", call) || !ours(fd)) return 0;
    const char *nth = getenv("FAULTY_NTH");
    long now = atomic_fetch_add(&seen, 1) + 1, at = nth ? atol(nth) : 0;
    if (at == 0 || now < at) return 0;
    if (is("FAULTY_ERROR", "full")) {
        errno = ENOSPC;
        return 1;
    }
    if (now > at) return 0;
    errno = EIO;
    return is("FAULTY_ERROR", "torn") ? 2 : 1;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
    REAL(pwrite64);
    int how = fails("write", fd);
    if (how == 2) { real(fd, bytes, n / 2, at); errno = EIO; }
    return how ? -1 : real(fd, bytes, n, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    REAL(pwrite);
    int how = fails("write", fd);
    if (how == 2) { real(fd, bytes, n / 2, at); errno = EIO; }
    return how ? -1 : real(fd, bytes, n, at);
}
ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(write);
    int how = fails("write", fd);
    if (how == 2) { real(fd, bytes, n / 2); errno = EIO; }
    return how ? -1 : real(fd, bytes, n);
}
int fsync(int fd) {
    REAL(fsync);
    return fails("sync", fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL(fdatasync);
    return fails("sync", fd) ? -1 : real(fd);
}

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("FAULTY_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld", atomic_load(&seen));
    fclose(file);
}
