"""A read-only copy of a flat directory, served through FUSE until it is told to be silent.

fuse-directory.py SOURCE MOUNTPOINT: says `ready`; the line `silence` on its input makes it
answer nothing from then on (it says `silent`); when it ends, the kernel gives all who wait an
error. Speaks the kernel's protocol (include/uapi/linux/fuse.h) itself: no library is needed.
"""
import ctypes, errno, os, select, struct, sys

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE = 1, 2, 3, 14, 15, 17, 18
INIT, OPENDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 26, 27, 29, 36, 42
source, point = sys.argv[1:]
names = [None] + sorted(os.listdir(source))
libc = ctypes.CDLL(None, use_errno=True)
device = os.open('/dev/fuse', os.O_RDWR)
options = f'fd={device},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions'
if libc.mount(b'devmend-test', os.fsencode(point), b'fuse', 6, options.encode()) != 0:
    sys.exit('mount: ' + os.strerror(ctypes.get_errno()))

def path_of(node):
    return source if node == 1 else os.path.join(source, names[node - 1])

def attributes(node):
    s = os.stat(path_of(node))
    return struct.pack('<6Q10I', node, s.st_size, s.st_blocks, int(s.st_atime), int(s.st_mtime),
                       int(s.st_ctime), 0, 0, 0, s.st_mode, 1, 0, 0, 0, 4096, 0)

def answer_to(opcode, node, body):
    if opcode == INIT:
        return struct.pack('<IIIIHHIIHHI7I', 7, 31, 65536, 0, 12, 10, 65536, 1, 0, 0, 0, *[0] * 7)
    if opcode == LOOKUP:
        name = body.rstrip(b'\0').decode()
        if node != 1 or name not in names:
            return errno.ENOENT
        found = names.index(name) + 1
        # Nothing may be remembered: every look at a name is a question.
        return struct.pack('<4Q2I', found, 0, 0, 0, 0, 0) + attributes(found)
    if opcode == GETATTR:
        return struct.pack('<QII', 0, 0, 0) + attributes(node)
    if opcode in (OPEN, OPENDIR):
        return struct.pack('<QII', 0, 0, 0)
    if opcode == READ:
        _, offset, size = struct.unpack('<QQI', body[:20])
        with open(path_of(node), 'rb') as file:
            file.seek(offset)
            return file.read(size)
    if opcode == STATFS:
        return struct.pack('<5Q4I6I', 0, 0, 0, 0, 0, 4096, 255, 4096, 0, *[0] * 6)
    return b'' if opcode in (RELEASE, RELEASEDIR) else errno.ENOSYS

print('ready', flush=True)
while True:
    ready, _, _ = select.select([device, sys.stdin], [], [])
    if sys.stdin in ready:
        if sys.stdin.readline() == '':
            break
        print('silent', flush=True)
        sys.stdin.read()
        break
    try:
        request = os.read(device, 1 << 20)
    except OSError as error:
        # The one who asked is gone already.
        if error.errno == errno.ENOENT:
            continue
        raise
    _, opcode, unique, node = struct.unpack('<IIQQ', request[:24])
    if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
        continue
    answer = answer_to(opcode, node, request[40:])
    number, body = (answer, b'') if isinstance(answer, int) else (0, answer)
    os.write(device, struct.pack('<IiQ', 16 + len(body), -number, unique) + body)
