import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { checks } from '../../../electron/engine/checks/registry.ts';
import { hostMachine } from '../../../electron/engine/host.ts';
import { encodeLine } from '../../../electron/engine/journal/entries.ts';
import { listTransactions, showTransaction } from '../../../electron/engine/journal/history.ts';
import { loadSnapshot, saveSnapshot } from '../../../electron/engine/probes/snapshot-text.ts';
import { manifestText, readManifest } from '../../../electron/engine/sandbox/manifest.ts';
import { judge } from '../../../electron/engine/scan.ts';
import { message } from '../../../shared/message.ts';
import { planSchema, type Plan, type SandboxSpec } from '../../../shared/plan.ts';
import { program, snapshot, startingReport } from '../../fixtures/snapshots.ts';
import { textMutators } from '../mutate.ts';
import { LARGEST_TEXT, type Target } from '../target.ts';

const DIGEST = 'ab'.repeat(32);
const title = message('sandbox.title.create', {});
const common = {
  title,
  privilege: 'user' as const,
  reversibility: 'full' as const,
  reversibilityReason: null,
  bytes: 1,
};

const spec: SandboxSpec = {
  source: { kind: 'archive', address: 'http://mirror.example/debian/' },
  distributor: 'Debian',
  suite: 'trixie',
  release: '13',
  architecture: 'amd64',
  glibc: '2.41',
  signedBy: { fingerprint: 'F0', name: 'Archive' },
  releaseDigest: DIGEST,
  packages: [
    {
      name: 'libc6',
      version: '2.41-12',
      architecture: 'amd64',
      file: 'p',
      size: 1,
      sha256: DIGEST,
    },
  ],
  kernelFloor: '3.2.0',
  installedBytes: 1,
};

const plan: Plan = {
  schema: 'devmend.plan/1',
  id: 'p1',
  createdAt: '2026-11-23T12:00:00.000Z',
  devmend: '0.1.0',
  root: '/',
  home: '/home/user',
  repairs: [],
  changes: [
    { kind: 'create-sandbox', id: 'c1', ...common, directory: '/d/sandbox', spec },
    {
      kind: 'edit-json',
      id: 'c2',
      ...common,
      path: '/home/user/settings.json',
      link: null,
      edits: [{ jsonPath: ['git.path'], before: '"/a"', after: '"/b"' }],
    },
  ],
  reliesOn: [{ path: '/a', state: 'file', sha256: DIGEST }],
  verifications: [],
  bytes: 1,
  seconds: 1,
};

/** A plan as a file names it; what apply would take. */
export const plans: Target = {
  name: 'plan',
  about: 'plan files',
  seeds: [{ name: 'plan', bytes: Buffer.from(JSON.stringify(plan, null, 1)) }],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 5_000,
  open: () => (bytes) => {
    let json: unknown;
    try {
      json = JSON.parse(bytes.toString('utf8'));
    } catch {
      return;
    }
    planSchema.safeParse(json);
  },
};

/** A snapshot of somebody else's machine, read and judged by every check. */
export const snapshots: Target = {
  name: 'snapshot',
  about: 'snapshot files, and every check on what could be read',
  seeds: [
    {
      name: 'snapshot',
      bytes: Buffer.from(
        saveSnapshot(
          snapshot([
            program('/opt/git/bin/git', {
              report: startingReport('/opt/git/bin/git', {
                verdict: 'fails',
                missing: [
                  { soname: 'libx.so', requiredBy: ['/opt/git/bin/git'], searched: ['/a'] },
                ],
              }),
            }),
          ]),
        ),
      ),
    },
  ],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 6_000,
  open: () => (bytes) => {
    const loaded = loadSnapshot(bytes.toString('utf8'), '/snapshot.json');
    if (loaded.ok) judge(loaded.value, checks);
  },
};

/** The history of a state directory whose journal is damaged, and re-signed after the damage. */
export const journal: Target = {
  name: 'journal',
  about: 'the journal, with and without matching checksums',
  seeds: [{ name: 'journal', bytes: Buffer.from(sampleJournal()) }],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 4_000,
  open: (directory) => {
    const id = '20261123T164800.123Z';
    const machine = hostMachine({ environment: { ...process.env, XDG_STATE_HOME: directory } });
    const store = path.join(machine.directories.state, 'journal', id);
    fs.mkdirSync(store, { recursive: true });
    fs.writeFileSync(path.join(store, 'previews.json'), '[]');
    return async (bytes) => {
      for (const text of [bytes, signedAgain(bytes)]) {
        fs.writeFileSync(path.join(store, 'journal.jsonl'), text);
        await listTransactions(machine);
        await showTransaction(machine, id);
      }
    };
  },
};

/** A sandbox's manifest. */
export const manifest: Target = {
  name: 'manifest',
  about: "a sandbox's manifest",
  seeds: [
    {
      name: 'manifest',
      bytes: Buffer.from(
        manifestText(spec, [
          { kind: 'file', path: 'lib/libc.so.6', size: 1, mode: 0o755, sha256: DIGEST },
          { kind: 'link', path: 'lib/libm.so', target: 'libm.so.6' },
        ]),
      ),
    },
  ],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 2_000,
  open: (directory) => async (bytes) => {
    fs.writeFileSync(path.join(directory, 'manifest.json'), bytes);
    await readManifest(directory);
  },
};

function sampleJournal(): string {
  const state = { type: 'absent' as const };
  const entries: Parameters<typeof encodeLine>[2][] = [
    {
      type: 'begin',
      format: 1,
      devmend: '0.1.0',
      operation: 'apply',
      undoes: null,
      reverts: null,
      title,
      subjects: ['git'],
      changes: [{ id: 'c1', kind: 'copy-tree', target: '/t', title, reversibility: 'full' }],
      kept: [],
      imageBytes: 0,
    },
    { type: 'before', record: 0, path: '/t', changes: ['c1'], state, image: null },
    { type: 'start', change: 'c1' },
    { type: 'temporary', path: '/t.new' },
    { type: 'directory', record: 0, path: '/d' },
    { type: 'step', record: 0, method: 'install', from: '/t.new', after: state },
    { type: 'done', change: 'c1' },
    { type: 'commit', status: 'verified', durationMs: 5 },
  ];
  return entries
    .map((entry, index) => encodeLine(index + 1, '2026-11-23T12:00:00.000Z', entry))
    .join('');
}

/** Whoever can write the journal can write its checksums too. */
function signedAgain(bytes: Buffer): Buffer {
  const signed = bytes
    .toString('utf8')
    .split('\n')
    .map((line) => {
      // Thousands of empty lines must not make this slow: it is the reader that is measured.
      if (line === '') return '';
      const text = line.replace(/,"sum":"[^"]*"\}$/, '}');
      const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
      return text === '' ? '' : `${text.slice(0, -1)},"sum":"${sum}"}`;
    });
  return Buffer.from(signed.join('\n'));
}
