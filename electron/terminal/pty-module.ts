import type { Readable } from 'node:stream';

/** A terminal without a program yet: `master` is Devmend's side, `slave` the program's. */
export interface Terminal {
  readonly master: Readable;
  readonly slave: Readable;
  /** Descriptor of Devmend's side. */
  readonly fd: number;
  /** Such as `/dev/pts/3`. */
  readonly ptsName: string;
}

/** The part of node-pty that is used. Its typings leave `open` out; it is there since 0.4. */
export interface PtyModule {
  readonly open: (size: { readonly cols: number; readonly rows: number }) => Terminal;
}

/** Takes node-pty for what is used of it; null when it does not have it. */
export function ptyModule(module: unknown): PtyModule | null {
  const candidate = module as Partial<PtyModule>;
  return typeof candidate.open === 'function' ? (candidate as PtyModule) : null;
}
