import type { MatrixReport } from '../../../shared/matrix.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import type { Tables, VscodeRelease } from '../data/tables.ts';
import type { Judgement } from './matrix-cells.ts';

type Row = MatrixReport['editors'][number];

/** VS Code's releases, and whether their server and their desktop would start here. */
export function editorRows(snapshot: Snapshot, table: Tables['vscode']): Row[] {
  const installed = new Set(
    (snapshot.probes.editors.data?.editors ?? []).map(({ version, codeVersion }) =>
      releaseOf(codeVersion ?? version),
    ),
  );
  const { libc, libstdcxx, kind } = snapshot.probes.libc.data ?? {};
  const versions = new Set([...(libc?.versions ?? []), ...(libstdcxx?.versions ?? [])]);
  const here: Here = {
    versions,
    kind: kind ?? 'none',
    has: libc?.highest['GLIBC'] ?? '',
  };
  return table.releases.map((release) => ({
    version: release.version,
    date: release.date ?? '',
    electron: release.electron,
    node: release.node,
    serverGlibc: release.serverGlibc,
    serverGlibcxx: release.serverGlibcxx,
    desktopGlibc: release.desktopGlibc,
    verified: release.serverVerified,
    source: table.sources[release.source] ?? '',
    server: judgeServer(release, here),
    desktop: judgeDesktop(release, here),
    installed: installed.has(release.version),
  }));
}

interface Here {
  readonly versions: ReadonlySet<string>;
  readonly kind: 'glibc' | 'musl' | 'none';
  readonly has: string;
}

/** `1.95.3` of VSCodium's `1.95.3.24321`. */
function releaseOf(version: string): string {
  return version.split('.').slice(0, 3).join('.');
}

function judgeServer(release: VscodeRelease, here: Here): Judgement {
  if (here.kind !== 'glibc') return unanswerable(here);
  const wanted = [`GLIBC_${release.serverGlibc}`, `GLIBCXX_${release.serverGlibcxx}`];
  const lacking = wanted.find((version) => !here.versions.has(version));
  if (lacking === undefined) {
    const key = release.serverVerified ? 'runs' : 'runs-unverified';
    return { verdict: 'runs', reason: reason(`matrix.editor.${key}`, wanted, here) };
  }
  if (release.serverPolicy === 'dialog') {
    return { verdict: 'unknown', reason: reason('matrix.editor.dialog', [lacking], here) };
  }
  return { verdict: 'fails', reason: reason('matrix.editor.fails', [lacking], here) };
}

function judgeDesktop({ desktopGlibc }: VscodeRelease, here: Here): Judgement {
  if (here.kind !== 'glibc') {
    return here.kind === 'none'
      ? unanswerable(here)
      : { verdict: 'fails', reason: message('matrix.editor.desktop-musl') };
  }
  if (desktopGlibc === null) {
    return { verdict: 'unknown', reason: message('matrix.editor.not-stated') };
  }
  const wanted = `GLIBC_${desktopGlibc}`;
  return here.versions.has(wanted)
    ? { verdict: 'runs', reason: reason('matrix.editor.runs', [wanted], here) }
    : { verdict: 'fails', reason: reason('matrix.editor.desktop-fails', [wanted], here) };
}

/** Alpine's own server package asks for musl 1.2.3, and musl's files do not say which they are. */
function unanswerable({ kind }: Here): Judgement {
  const key = kind === 'musl' ? 'musl' : 'no-libc';
  return { verdict: 'unknown', reason: message(`matrix.editor.${key}`) };
}

function reason(key: string, versions: readonly string[], here: Here): Message {
  return message(key, { versions: versions.join(', '), has: here.has });
}
