/**
 * Whether the crash campaign (test/crash) interrupts every kind of change and everything
 * that writes to the journal. What is missing is printed, one sentence each.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleForNode } from './bundle-for-node.mjs';
import { repository, say } from './console.mjs';

const outfile = join(repository, 'artifacts/crash/coverage.mjs');
await bundleForNode('test/crash/coverage.ts', outfile);
const { readEngine, uncovered } = await import(pathToFileURL(outfile).href);
const missing = uncovered(readEngine(repository));
for (const sentence of missing) say(sentence);
process.exitCode = missing.length === 0 ? 0 : 1;
