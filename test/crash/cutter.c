/*
 * Runs a program and does one thing to it at the N-th system call that changes
 * something below the given directories, counted over the program and all its
 * children in the order in which they happen. strace counts per thread and cannot
 * count over children; and only a tracer can cut the power at the call itself.
 *
 *   cutter LOG AT ACTION[:ERRNO][+] DIR[,DIR...] DROP -- PROGRAM ARGUMENT...
 *
 * ACTION: trace (only count), kill (SIGKILL to the program; see below), errno:N (the
 * call fails and is not made), short (a write takes three bytes), power (the file
 * systems of DIR are shut down without their logs being written, then everything is
 * killed), hold (every call waits; see below). With `+` also every later call fails.
 * AT 0 with power: after the end.
 * DROP 1: every fsync of a directory answers success and is not made.
 *
 * kill: a child that has not died with the program is held, `orphan NAME` is printed,
 * and it goes on when a line is read from stdin: what a tool left behind does while
 * recovery is long done.
 *
 * hold: before each call `held N CALL PATH` is printed, and it is made when a line is read
 * from stdin; once stdin is at its end nothing is held any more.
 *
 * steady:GATE: the program stays for one operation after the other. It makes the directory
 * GATE when it has nothing to do; the call is answered (EEXIST) once its children have ended,
 * `ready` has been printed and `AT ACTION` been read from stdin, for ACTION trace, errno or
 * short. Then the count begins again, and LOG too. At the end of stdin the program is killed.
 *
 * LOG gets one line a call: "N TID NAME CALL PATH".
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXT4_SHUTDOWN 0x8004587d
#define FICLONE 0x40049409
#define NO_LOG_FLUSH 2
#define MOST 8

/* How a call names what it changes: by descriptor, by path, or by directory and path. */
enum naming { FD, PATH, AT, PATH2, AT2, OPENAT, OPEN, OUT1, OUT2, CLONE };
struct call { long number; const char *name; enum naming naming; int length; };
static const struct call calls[] = {
    {SYS_open, "open", OPEN, -1}, {SYS_creat, "creat", PATH, -1}, {SYS_openat, "openat", OPENAT, -1},
    {SYS_write, "write", FD, 2}, {SYS_pwrite64, "pwrite64", FD, 2}, {SYS_writev, "writev", FD, -1},
    {SYS_pwritev, "pwritev", FD, -1}, {SYS_pwritev2, "pwritev2", FD, -1},
    {SYS_sendfile, "sendfile", FD, 3}, {SYS_copy_file_range, "copy_file_range", OUT2, 4},
    {SYS_splice, "splice", OUT2, 4}, {SYS_ftruncate, "ftruncate", FD, -1}, {SYS_truncate, "truncate", PATH, -1},
    {SYS_fallocate, "fallocate", FD, -1}, {SYS_fsync, "fsync", FD, -1}, {SYS_fdatasync, "fdatasync", FD, -1},
    {SYS_syncfs, "syncfs", FD, -1}, {SYS_rename, "rename", PATH2, -1}, {SYS_renameat, "renameat", AT2, -1},
    {SYS_renameat2, "renameat2", AT2, -1}, {SYS_link, "link", PATH2, -1}, {SYS_linkat, "linkat", AT2, -1},
    {SYS_symlink, "symlink", OUT1, -1}, {SYS_symlinkat, "symlinkat", OUT2, -1}, {SYS_unlink, "unlink", PATH, -1},
    {SYS_unlinkat, "unlinkat", AT, -1}, {SYS_mkdir, "mkdir", PATH, -1}, {SYS_mkdirat, "mkdirat", AT, -1},
    {SYS_mknod, "mknod", PATH, -1}, {SYS_mknodat, "mknodat", AT, -1}, {SYS_rmdir, "rmdir", PATH, -1},
    {SYS_chmod, "chmod", PATH, -1}, {SYS_fchmod, "fchmod", FD, -1}, {SYS_fchmodat, "fchmodat", AT, -1},
    {452, "fchmodat2", AT, -1}, {SYS_chown, "chown", PATH, -1}, {SYS_lchown, "lchown", PATH, -1},
    {SYS_fchown, "fchown", FD, -1}, {SYS_fchownat, "fchownat", AT, -1}, {SYS_utime, "utime", PATH, -1},
    {SYS_utimes, "utimes", PATH, -1}, {SYS_utimensat, "utimensat", AT, -1}, {SYS_setxattr, "setxattr", PATH, -1},
    {SYS_lsetxattr, "lsetxattr", PATH, -1}, {SYS_fsetxattr, "fsetxattr", FD, -1},
    {SYS_removexattr, "removexattr", PATH, -1}, {SYS_lremovexattr, "lremovexattr", PATH, -1},
    {SYS_fremovexattr, "fremovexattr", FD, -1}, {SYS_ioctl, "ioctl", CLONE, -1},
};
#define CALLS (sizeof calls / sizeof *calls)

static const char *dirs[MOST];
static int dir_fds[MOST];
static int dir_count;

static void die(const char *what) { perror(what); exit(125); }

static void install_filter(void) {
    struct sock_filter code[CALLS * 2 + 2];
    size_t n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < CALLS; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("no_new_privs");
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) die("seccomp");
}

static void read_text(pid_t tid, unsigned long address, char *text, size_t size) {
    size_t done = 0;
    /* Not across the end of a page that may be the last one. */
    while (done < size - 1) {
        size_t page = 4096 - ((address + done) & 4095);
        size_t want = page < size - 1 - done ? page : size - 1 - done;
        struct iovec to = {text + done, want}, from = {(void *)(address + done), want};
        ssize_t got = process_vm_readv(tid, &to, 1, &from, 1, 0);
        if (got <= 0) break;
        if (memchr(text + done, 0, (size_t)got)) return;
        done += (size_t)got;
    }
    text[done] = 0;
}

static void path_of_fd(pid_t tid, int fd, char *path, size_t size) {
    char link[64];
    if (fd == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", tid);
    else snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    ssize_t n = readlink(link, path, size - 1);
    path[n < 0 ? 0 : n] = 0;
}

static void path_at(pid_t tid, int fd, unsigned long address, char *path, size_t size) {
    char name[4096] = "";
    if (address != 0) read_text(tid, address, name, sizeof name);
    if (name[0] == '/') { snprintf(path, size, "%s", name); return; }
    path_of_fd(tid, fd, path, size);
    if (name[0] == 0) return;
    size_t length = strlen(path);
    snprintf(path + length, size - length, "/%s", name);
}

static int below(const char *path) {
    for (int i = 0; i < dir_count; i++) {
        size_t length = strlen(dirs[i]);
        if (strncmp(path, dirs[i], length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
    }
    return 0;
}

static int opens_for_change(unsigned long flags) {
    return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY;
}

/* Whether the call changes something that is ours; `path` says what. */
static int is_ours(pid_t tid, const struct call *call, const struct user_regs_struct *r, char *path, size_t size) {
    switch (call->naming) {
    case FD: path_of_fd(tid, (int)r->rdi, path, size); return below(path);
    case CLONE: if ((unsigned)r->rsi != FICLONE) return 0; path_of_fd(tid, (int)r->rdi, path, size); return below(path);
    case PATH: path_at(tid, AT_FDCWD, r->rdi, path, size); return below(path);
    case OUT1: path_at(tid, AT_FDCWD, r->rsi, path, size); return below(path);
    case AT: path_at(tid, (int)r->rdi, r->rsi, path, size); return below(path);
    case OPEN: path_at(tid, AT_FDCWD, r->rdi, path, size); return opens_for_change(r->rsi) && below(path);
    case OPENAT: path_at(tid, (int)r->rdi, r->rsi, path, size); return opens_for_change(r->rdx) && below(path);
    case OUT2:
        if (call->number == SYS_symlinkat) path_at(tid, (int)r->rsi, r->rdx, path, size);
        else path_of_fd(tid, (int)r->rdx, path, size);
        return below(path);
    case PATH2:
        path_at(tid, AT_FDCWD, r->rsi, path, size);
        if (below(path)) return 1;
        path_at(tid, AT_FDCWD, r->rdi, path, size);
        return below(path);
    case AT2:
        path_at(tid, (int)r->rdx, r->r10, path, size);
        if (below(path)) return 1;
        path_at(tid, (int)r->rdi, r->rsi, path, size);
        return below(path);
    }
    return 0;
}

static void skip_with(pid_t tid, struct user_regs_struct *r, long answer) {
    r->orig_rax = (unsigned long)-1;
    r->rax = (unsigned long)answer;
    if (ptrace(PTRACE_SETREGS, tid, 0, r) != 0) die("setregs");
}

/* Gives a call that moves data room for three bytes only; true when it was one. */
static int shorten(pid_t tid, const struct call *call, struct user_regs_struct *r) {
    unsigned long long *lengths[] = {0, 0, &r->rdx, &r->r10, &r->r8};
    if (call->length < 0) return 0;
    unsigned long long *length = lengths[call->length];
    if (*length <= 3) return 0;
    *length = 3;
    if (ptrace(PTRACE_SETREGS, tid, 0, r) != 0) die("setregs");
    return 1;
}

static void cut_power(void) {
    unsigned flag = NO_LOG_FLUSH;
    for (int i = 0; i < dir_count; i++)
        /* What is not on a disk (/proc/sys) has no power to lose. */
        if (ioctl(dir_fds[i], EXT4_SHUTDOWN, &flag) != 0 && errno != ENOTTY) die("shutdown");
}

static int is_directory(pid_t tid, int fd) {
    char link[64];
    int found;
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    int copy = open(link, O_RDONLY | O_DIRECTORY);
    found = copy >= 0;
    if (found) close(copy);
    return found;
}

static void name_of(pid_t tid, char *name, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", tid);
    FILE *file = fopen(path, "r");
    name[0] = 0;
    if (file == 0) return;
    if (fgets(name, (int)size, file) != 0) name[strcspn(name, "\n")] = 0;
    fclose(file);
}

/* Everything that is traced, so that what outlives the program is known. */
static pid_t alive[4096];
static int alive_count;
static void remember(pid_t tid) {
    for (int i = 0; i < alive_count; i++) if (alive[i] == tid) return;
    if (alive_count < 4096) alive[alive_count++] = tid;
}
static void forget(pid_t tid) {
    for (int i = 0; i < alive_count; i++)
        if (alive[i] == tid) { alive[i] = alive[--alive_count]; return; }
}

/* Whether what is still there are threads of the program only. */
static int alone(pid_t program) {
    for (int i = 0; i < alive_count; i++) {
        char task[64];
        snprintf(task, sizeof task, "/proc/%d/task/%d", program, alive[i]);
        if (access(task, F_OK) != 0) return 0;
    }
    return 1;
}

/* What is to be done, and at which call. */
static long at;
static const char *action;
static int onwards;
static long fault;

static void set_action(long number, char *text) {
    size_t last = strlen(text) - 1;
    at = number;
    onwards = text[last] == '+';
    if (onwards) text[last] = 0;
    fault = strncmp(text, "errno:", 6) == 0 ? atol(text + 6) : 0;
    action = text;
}

/* Asks for the next operation of a program that stays; false when there is none. */
static int next_operation(void) {
    static char line[128], text[64];
    long number;
    printf("ready\n");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == 0 || sscanf(line, "%ld %63s", &number, text) != 2) return 0;
    set_action(number, text);
    return 1;
}

static pid_t held[64];
static int held_count;

/* After the program has been killed: what is still there after a moment is an orphan. */
static void meet_orphans(void) {
    struct timespec moment = {0, 2000000};
    for (int i = 0; i < 50 && alive_count > 0; i++) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
        if (tid < 0) { alive_count = 0; break; }
        if (tid == 0) { nanosleep(&moment, 0); continue; }
        if (WIFEXITED(status) || WIFSIGNALED(status)) { forget(tid); continue; }
        if (held_count < 64) held[held_count++] = tid;
    }
    if (alive_count == 0) { printf("killed\n"); fflush(stdout); return; }
    char name[64], line[16];
    name_of(alive[0], name, sizeof name);
    printf("orphan %s\n", name);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == 0) { /* Nobody is listening: it goes on all the same. */ }
    for (int i = 0; i < held_count; i++) ptrace(PTRACE_CONT, held[i], 0, 0);
    held_count = 0;
}

int main(int argc, char **argv) {
    if (argc < 8 || strcmp(argv[6], "--") != 0) { fprintf(stderr, "usage: see the source\n"); return 125; }
    FILE *log = fopen(argv[1], "w");
    if (log == 0) die(argv[1]);
    const char *gate = strncmp(argv[3], "steady:", 7) == 0 ? argv[3] + 7 : 0;
    set_action(atol(argv[2]), argv[3]);
    int drop = atoi(argv[5]);
    for (char *dir = strtok(argv[4], ","); dir != 0 && dir_count < MOST; dir = strtok(0, ",")) {
        dirs[dir_count] = dir;
        dir_fds[dir_count] = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fds[dir_count++] < 0) die(dir);
    }
    pid_t program = fork();
    if (program == 0) {
        for (int i = 0; i < dir_count; i++) close(dir_fds[i]);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        install_filter();
        execv(argv[7], argv + 7);
        die(argv[7]);
    }
    int status, code = 0, over = 0;
    long count = 0;
    /* The program's thread that waits at the gate. */
    pid_t waiting = 0;
    struct user_regs_struct gate_regs;
    if (waitpid(program, &status, __WALL) != program) die("wait");
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                   PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
    if (ptrace(PTRACE_SETOPTIONS, program, 0, options) != 0) die("options");
    remember(program);
    ptrace(PTRACE_CONT, program, 0, 0);
    for (;;) {
        if (waiting != 0 && alone(program)) {
            fflush(log);
            if (next_operation()) {
                count = 0;
                over = 0;
                log = freopen(argv[1], "w", log);
                if (log == 0) die(argv[1]);
                skip_with(waiting, &gate_regs, -EEXIST);
                ptrace(PTRACE_CONT, waiting, 0, 0);
            } else kill(program, SIGKILL);
            waiting = 0;
        }
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0) break;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            forget(tid);
            if (tid == waiting) waiting = 0;
            if (tid != program) continue;
            code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            if (over && strcmp(action, "kill") == 0) meet_orphans();
            continue;
        }
        remember(tid);
        int event = status >> 16, sig = WSTOPSIG(status);
        if (sig == SIGTRAP && event == PTRACE_EVENT_SECCOMP) {
            struct user_regs_struct regs;
            if (ptrace(PTRACE_GETREGS, tid, 0, &regs) != 0) continue;
            const struct call *call = 0;
            for (size_t i = 0; i < CALLS; i++) if (calls[i].number == (long)regs.orig_rax) call = &calls[i];
            char path[8192] = "", name[64];
            if (gate != 0 && call != 0 && call->number == SYS_mkdir) {
                path_at(tid, AT_FDCWD, regs.rdi, path, sizeof path);
                if (strcmp(path, gate) == 0) {
                    waiting = tid;
                    gate_regs = regs;
                    continue;
                }
            }
            if (call != 0 && is_ours(tid, call, &regs, path, sizeof path)) {
                count++;
                name_of(tid, name, sizeof name);
                fprintf(log, "%ld %d %s %s %s\n", count, tid, name, call->name, path);
                int sync = call->number == SYS_fsync || call->number == SYS_fdatasync;
                if (drop && sync && is_directory(tid, (int)regs.rdi)) skip_with(tid, &regs, 0);
                if (strcmp(action, "hold") == 0 && !over) {
                    char line[16];
                    printf("held %ld %s %s\n", count, call->name, path);
                    fflush(stdout);
                    if (fgets(line, sizeof line, stdin) == 0) over = 1;
                }
                if (!over && (count == at || (onwards && at > 0 && count > at))) {
                    if (strcmp(action, "kill") == 0) {
                        over = 1;
                        fprintf(log, "injected\n");
                        fflush(log);
                        kill(program, SIGKILL);
                        if (tid != program) {
                            char own[64];
                            snprintf(own, sizeof own, "/proc/%d/task/%d", program, tid);
                            /* A thread of the program dies with it; a child is held here. */
                            if (access(own, F_OK) != 0 && held_count < 64) { held[held_count++] = tid; continue; }
                        }
                        continue;
                    }
                    if (strcmp(action, "power") == 0) {
                        fprintf(log, "injected\n");
                        fflush(log);
                        cut_power();
                        for (int i = 0; i < alive_count; i++) kill(alive[i], SIGKILL);
                        while (waitpid(-1, &status, __WALL) > 0 || errno == EINTR) {}
                        return 0;
                    }
                    if (fault > 0) { skip_with(tid, &regs, -fault); fprintf(log, "injected\n"); }
                    else if (strcmp(action, "short") == 0) {
                        /* A write of three bytes or fewer is as short as this one gets. */
                        shorten(tid, call, &regs);
                        fprintf(log, "injected\n");
                    }
                }
            }
            ptrace(PTRACE_CONT, tid, 0, 0);
            continue;
        }
        /* A held child's death is told by the exit above; here only stops go on. */
        int deliver = event == 0 && sig != SIGSTOP && sig != SIGTRAP && sig != (SIGTRAP | 0x80) ? sig : 0;
        ptrace(PTRACE_CONT, tid, 0, deliver);
    }
    if (strcmp(action, "power") == 0 && at == 0) { fprintf(log, "injected\n"); cut_power(); }
    fclose(log);
    return code;
}
