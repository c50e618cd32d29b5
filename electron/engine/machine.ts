import type { CommandRunner } from './command.ts';

/** Where Devmend keeps its own things (XDG base directories). All absolute. */
export interface Directories {
  /** settings.json */
  readonly config: string;
  /** journal, before-images, lock */
  readonly state: string;
  /** indexes and packages that can be fetched again */
  readonly cache: string;
  /** sandboxes and patched copies */
  readonly data: string;
}

/**
 * A handle on what is examined. `root` is `/` for the running system; with any
 * other root nothing inside it is executed, and `home` is a path inside it.
 */
export interface Machine {
  readonly root: string;
  readonly home: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly name: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: () => Date;
  readonly run: CommandRunner;
  readonly directories: Directories;
  readonly version: string;
}
