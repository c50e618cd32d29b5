import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Mutator } from './mutate.ts';

/** An input to begin with. */
export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Reads one input; whatever it throws is a finding, but for errors the reader promises. */
export type Reader = (bytes: Buffer, seed: string) => void | Promise<void>;

/** One reader of bytes that Devmend did not write. */
export interface Target {
  readonly name: string;
  /** What is read, for the table. */
  readonly about: string;
  /** Names of files of the seed directory, or the inputs themselves. */
  readonly seeds: readonly Seed[] | ((directory: string) => readonly Seed[]);
  readonly mutators: readonly Mutator[];
  readonly largest: number;
  /** Makes the reader; `directory` is empty, its own, and gone afterwards. */
  readonly open: (directory: string, seedDirectory: string) => Reader;
  /** Inputs of a whole run of `npm run fuzz`. */
  readonly runs: number;
}

/**
 * Bytes that inputs grow to at most. A reader that is not linear takes seconds at this size;
 * one that is, a fraction of the time that an input may take.
 */
export const LARGEST_TEXT = 128 * 1024;
export const LARGEST_FILE = 4 * 1024 * 1024;

/** The seeds of a target. */
export function seedsOf(target: Target, directory: string): readonly Seed[] {
  return typeof target.seeds === 'function' ? target.seeds(directory) : target.seeds;
}

/** The seeds that `prepareSeeds` put into one folder. */
export function seedsIn(folder: string): (directory: string) => readonly Seed[] {
  return (directory) =>
    fs
      .readdirSync(path.join(directory, folder))
      .sort()
      .map((name) => ({ name, bytes: fs.readFileSync(path.join(directory, folder, name)) }));
}
