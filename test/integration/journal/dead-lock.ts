import { readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A lock whose owner was a process of this pid namespace and is gone; never the same twice. */
export function plantDead(state: string, since: string): void {
  plant(state, { since });
}

/** A lock that says what is told, and of the rest that it is of a dead process of today. */
export function plant(state: string, own: Readonly<Record<string, unknown>>): void {
  const owner = {
    pid: 1 << 22,
    startTime: '1',
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    namespace: readlinkSync('/proc/self/ns/pid'),
    program: 'devmend 0.1.0',
    since: '2026-11-23T12:00:00.000Z',
    ...own,
  };
  const complete = join(state, `planted-${process.pid}`);
  writeFileSync(complete, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  renameSync(complete, join(state, 'lock'));
}
