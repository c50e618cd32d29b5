/** One way to be interrupted. */
export interface Fault {
  readonly name: string;
  /** What the cutter is told (see cutter.c). */
  readonly action: string;
  /** Mount options of the ext4 that loses its power; null where no disk is needed. */
  readonly mount: string | null;
  /** Only calls that move data can be cut short. */
  readonly only: RegExp | null;
}

const errno = (name: string, number: number): Fault => ({
  name,
  action: `errno:${number}`,
  mount: null,
  only: null,
});

/** Every way in which the campaign interrupts. Numbers: errno(3), asm-generic/errno.h. */
export const faults: readonly Fault[] = [
  { name: 'kill', action: 'kill', mount: null, only: null },
  errno('EIO', 5),
  errno('ENOSPC', 28),
  errno('EROFS', 30),
  errno('EDQUOT', 122),
  // The disk has become read-only, or is broken: all later calls fail too.
  { ...errno('EROFS+', 30), action: 'errno:30+' },
  { ...errno('EIO+', 5), action: 'errno:5+' },
  {
    name: 'short',
    action: 'short',
    mount: null,
    only: /^(write|pwrite64|sendfile|copy_file_range|splice)$/,
  },
  { name: 'power', action: 'power', mount: 'defaults', only: null },
  { name: 'power-noauto', action: 'power', mount: 'noauto_da_alloc', only: null },
];
