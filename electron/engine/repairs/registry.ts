import type { Repair } from './repair.ts';
import { glibcSandbox } from './glibc-sandbox.ts';

/** Every repair, in the order in which they are offered. */
export const repairs: readonly Repair[] = [glibcSandbox];
