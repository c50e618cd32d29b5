/** A kernel value that Devmend may set, and the numbers it accepts. */
export interface KernelValueRange {
  readonly least: bigint;
  readonly most: bigint;
}

const INT_MAX = 2_147_483_647n;

/**
 * The kernel values that repairs are about. Ranges: fs/notify/inotify/inotify_user.c
 * (ints that may not be negative) and Documentation/admin-guide/LSM/Yama.rst, without
 * Yama's 3: the kernel takes nothing else after it, so there would be no way back.
 */
export const kernelValues: ReadonlyMap<string, KernelValueRange> = new Map([
  ['fs.inotify.max_user_watches', { least: 0n, most: INT_MAX }],
  ['fs.inotify.max_user_instances', { least: 0n, most: INT_MAX }],
  ['fs.inotify.max_queued_events', { least: 0n, most: INT_MAX }],
  ['kernel.yama.ptrace_scope', { least: 0n, most: 2n }],
]);
