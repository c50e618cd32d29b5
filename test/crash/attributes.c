/*
 * Answers what `getfattr -h -d -m - -e base64` prints of a file, without its first line: for one
 * path after the other from stdin, each ended by NUL, as are the answers. The judge asks for
 * attributes some fifty times a point, and starting getfattr takes longer than everything else.
 *
 * The answer is `?` where getfattr has to be asked: no such file, or a name that it would escape.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#define MOST_NAMES 1024

static char names[65536], value[65536];
static const char *sorted[MOST_NAMES];

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static int is_plain(const char *name) {
    for (; *name != 0; name++)
        if (!isalnum((unsigned char)*name) && strchr("._-", *name) == 0) return 0;
    return 1;
}

static void append_base64(FILE *out, const unsigned char *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        unsigned long group = (unsigned long)bytes[i] << 16;
        if (i + 1 < size) group |= (unsigned long)bytes[i + 1] << 8;
        if (i + 2 < size) group |= bytes[i + 2];
        fputc(digits[group >> 18 & 63], out);
        fputc(digits[group >> 12 & 63], out);
        fputc(i + 1 < size ? digits[group >> 6 & 63] : '=', out);
        fputc(i + 2 < size ? digits[group & 63] : '=', out);
    }
}

/* False where getfattr has to be asked. */
static int describe(const char *path, FILE *out) {
    ssize_t size = llistxattr(path, names, sizeof names);
    size_t count = 0;
    if (size < 0) return 0;
    for (char *name = names; name < names + size; name += strlen(name) + 1) {
        if (count == MOST_NAMES || !is_plain(name)) return 0;
        sorted[count++] = name;
    }
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 0; i < count; i++) {
        ssize_t length = lgetxattr(path, sorted[i], value, sizeof value);
        if (length < 0) return 0;
        fprintf(out, "%s%s=0s", i == 0 ? "" : "\n", sorted[i]);
        append_base64(out, (const unsigned char *)value, (size_t)length);
    }
    return 1;
}

int main(void) {
    char *path = 0;
    size_t room = 0;
    while (getdelim(&path, &room, 0, stdin) > 0) {
        char *text = 0;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        if (out == 0) return 1;
        int known = describe(path, out);
        fclose(out);
        fputs(known ? text : "?", stdout);
        free(text);
        fputc(0, stdout);
        fflush(stdout);
    }
    return 0;
}
