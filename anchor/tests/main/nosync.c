/* Loaded into a program by a test: while the file HOLDFAST_TEST_NO_SYNC is there, nothing is synced. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_file(long call, int fd) {
    const char *marker = getenv("HOLDFAST_TEST_NO_SYNC");
    if (marker != NULL && access(marker, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(call, fd);
}

int fsync(int fd) { return sync_file(SYS_fsync, fd); }

int fdatasync(int fd) { return sync_file(SYS_fdatasync, fd); }
