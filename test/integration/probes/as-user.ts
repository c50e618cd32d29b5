import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { loadSnapshot } from '../../../electron/engine/probes/snapshot-text.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';

const NOBODY = '65534';

/**
 * Runs the probes on a root in a process of its own that belongs to nobody:
 * access rights do not bind root, and the real user id cannot be put back.
 */
export async function probeAsNobody(
  root: string,
  home: string,
  programs: readonly string[],
): Promise<Snapshot> {
  const directory = mkdtempSync(join(tmpdir(), 'devmend-as-user-'));
  try {
    const outfile = join(directory, 'probe.cjs');
    await build({
      stdin: { contents: program(root, home, programs), resolveDir: resolve('.'), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      mainFields: ['module', 'main'],
      outfile,
    });
    chmodSync(directory, 0o755);
    const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const text = execFileSync('setpriv', [...ids, process.execPath, outfile], { encoding: 'utf8' });
    const snapshot = loadSnapshot(text, 'stdin');
    if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error));
    return snapshot.value;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function program(root: string, home: string, programs: readonly string[]): string {
  return `
    import { hostMachine } from './electron/engine/host.ts';
    import { runProbes } from './electron/engine/probes/run.ts';
    import { saveSnapshot } from './electron/engine/probes/snapshot-text.ts';
    const machine = {
      ...hostMachine({ root: ${JSON.stringify(root)}, home: ${JSON.stringify(home)} }),
      user: { uid: ${NOBODY}, gid: ${NOBODY}, name: 'nobody' },
    };
    const job = { emit: () => undefined, signal: new AbortController().signal };
    void runProbes(machine, { programs: ${JSON.stringify(programs)} }, job).then((snapshot) => {
      process.stdout.write(saveSnapshot(snapshot));
    });
  `;
}
