import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseMounts } from '../../electron/engine/processes/mounts.ts';

/** Large enough for every scenario, small enough to be copied for every point. */
const IMAGE_SIZE = '40M';

function call(file: string, ...args: string[]): void {
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The two file systems of a lane, `a` and `b`: what is done to them can be taken back at will. */
export interface Disk {
  readonly directories: readonly string[];
  readonly save: (name: string) => void;
  readonly load: (name: string) => void;
  /** Off and on again; what had not reached the disk is gone. Nothing for memory. */
  readonly restart: () => void;
  readonly dispose: () => void;
}

/** On a busy machine a program takes its time to end, and keeps its file system as long. */
const MOST_ATTEMPTS = 1200;

function isMounted(directory: string): boolean {
  const mounts = parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  return mounts.some(({ point }) => point === directory);
}

/**
 * Unmounts however often something is mounted there. Detaching alone (umount -l) would not do
 * before all that time: the next mount would find the same file system, still without power.
 */
export function unmount(directory: string): void {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (!isMounted(directory)) return;
    try {
      call('umount', directory);
    } catch {
      // A program that is just ending still has a file open there.
      call('sleep', '0.05');
    }
  }
  call('umount', '-l', directory);
}

function copyInto(from: string, to: string): void {
  if (existsSync(to))
    for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true, force: true });
  else mkdirSync(to, { recursive: true });
  call('cp', '-a', '--', `${from}/.`, to);
}

/**
 * A disk image as another file. Somebody's private mount namespace may have kept the file
 * system that lies in the old one; a mount of the same file would find that, without power.
 */
function copyAnew(from: string, to: string): void {
  call('cp', '--sparse=always', '--remove-destination', '--', from, to);
}

/** Two file systems in memory: fast, and kept by a kill as every file system is. */
export class MemoryDisk implements Disk {
  readonly directories: readonly string[];
  private readonly kept: string;

  constructor(lane: string, kept: string) {
    this.kept = kept;
    this.directories = ['a', 'b'].map((name) => join(lane, name));
    for (const directory of this.directories) {
      mkdirSync(directory, { recursive: true });
      call('mount', '-t', 'tmpfs', '-o', 'size=256m,mode=755', 'tmpfs', directory);
    }
  }

  save(name: string): void {
    this.directories.forEach((directory, index) =>
      copyInto(directory, join(this.kept, name, String(index))),
    );
  }

  load(name: string): void {
    this.directories.forEach((directory, index) =>
      copyInto(join(this.kept, name, String(index)), directory),
    );
  }

  restart(): void {
    // Memory has no other state than the one that is seen.
  }

  dispose(): void {
    this.directories.forEach(unmount);
  }
}

/**
 * Two ext4 file systems on loop devices, in the same places. Their worlds are made from
 * those that a {@link MemoryDisk} has kept: once each, then the image is copied.
 */
export class LoopDisk implements Disk {
  readonly directories: readonly string[];
  private readonly lane: string;
  private readonly kept: string;
  private readonly options: string;

  constructor(lane: string, kept: string, options: string) {
    this.lane = lane;
    this.kept = kept;
    this.options = options;
    this.directories = ['a', 'b'].map((name) => join(lane, name));
  }

  private image(index: number): string {
    return join(this.lane, `disk-${index}`);
  }

  private mount(): void {
    this.directories.forEach((directory, index) => {
      mkdirSync(directory, { recursive: true });
      call('mount', '-o', `loop,${this.options}`, this.image(index), directory);
    });
  }

  save(name: string): void {
    this.directories.forEach(unmount);
    this.directories.forEach((_directory, index) =>
      copyFileSync(this.image(index), join(this.kept, name, `image-${index}`)),
    );
    this.mount();
  }

  load(name: string): void {
    this.directories.forEach(unmount);
    if (!existsSync(join(this.kept, name, 'image-0'))) this.format(name);
    this.directories.forEach((_directory, index) =>
      copyAnew(join(this.kept, name, `image-${index}`), this.image(index)),
    );
    this.mount();
  }

  /** An ext4 with the world of that name in it. */
  private format(name: string): void {
    this.directories.forEach((directory, index) => {
      rmSync(this.image(index), { force: true });
      call('truncate', '-s', IMAGE_SIZE, this.image(index));
      call(
        'mkfs.ext4',
        '-q',
        '-b',
        '4096',
        '-I',
        '256',
        '-m',
        '0',
        '-J',
        'size=4',
        this.image(index),
      );
      mkdirSync(directory, { recursive: true });
      call('mount', '-o', `loop,${this.options}`, this.image(index), directory);
      call('cp', '-a', '--', `${join(this.kept, name, String(index))}/.`, directory);
      unmount(directory);
      call('cp', '--sparse=always', this.image(index), join(this.kept, name, `image-${index}`));
    });
  }

  restart(): void {
    this.directories.forEach(unmount);
    this.directories.forEach((_directory, index) => {
      const image = this.image(index);
      copyAnew(image, `${image}-again`);
      renameSync(`${image}-again`, image);
    });
    this.mount();
  }

  dispose(): void {
    this.directories.forEach(unmount);
  }
}
