import type { Finding } from '../../../shared/finding.ts';
import type { Change, ChangePreview, PlanReview } from '../../../shared/plan.ts';
import { COPY, GIT, HOME, NOW, SANDBOX, SETTINGS_FILE, words } from './machine.ts';

const DIGEST = 'c0ffee00'.repeat(8);
const MEGABYTE = 1_000_000;
const INTERPRETER = '/lib64/ld-linux-x86-64.so.2';

const common = {
  privilege: 'user',
  reversibility: 'full',
  reversibilityReason: null,
} as const;

function createSandbox(id: string): Change {
  return {
    kind: 'create-sandbox',
    id,
    title: words('repair.sandbox.change.create', { release: '13', glibc: '2.41' }),
    ...common,
    bytes: 27 * MEGABYTE,
    directory: SANDBOX,
    spec: {
      source: { kind: 'archive', address: 'the mirror of this machine' },
      distributor: 'Debian',
      suite: 'trixie',
      release: '13',
      architecture: 'amd64',
      glibc: '2.41',
      signedBy: {
        fingerprint: '41587F7DB8C774BCCF131416762F67A0B2C39DE4',
        name: 'Debian Stable Release Key (13/trixie)',
      },
      releaseDigest: DIGEST,
      packages: ['libc6', 'libgcc-s1', 'libstdc++6'].map((name) => ({
        name,
        version: '2.41-12',
        architecture: 'amd64',
        file: `pool/main/${name}.deb`,
        size: 2_800_000,
        sha256: DIGEST,
      })),
      kernelFloor: '3.2.0',
      installedBytes: 27 * MEGABYTE,
    },
  };
}

function copyProgram(id: string, program: string, from: string): Change {
  return {
    kind: 'copy-tree',
    id,
    title: words('repair.sandbox.change.copy', { program }),
    ...common,
    bytes: 14 * MEGABYTE,
    from,
    to: COPY,
    patches: [
      {
        path: '.',
        interpreter: { before: INTERPRETER, after: `${SANDBOX}/lib/ld-linux-x86-64.so.2` },
        rpath: { before: [], after: [`${SANDBOX}/lib`] },
      },
    ],
    trial: { path: '.', args: ['--version'], environment: {}, timeoutMs: 10_000 },
  };
}

function editSettings(id: string): Change {
  return {
    kind: 'edit-json',
    id,
    title: words('repair.sandbox.change.setting', { editor: 'VS Code' }),
    ...common,
    bytes: 2048,
    path: `${HOME}/dotfiles/vscode.json`,
    link: SETTINGS_FILE,
    edits: [
      {
        jsonPath: ['git.path'],
        before: JSON.stringify(GIT),
        after: JSON.stringify(`${COPY}/bin/git`),
      },
    ],
  };
}

function previewOf(change: Change): ChangePreview {
  const shared = {
    change: change.id,
    kind: change.kind,
    title: change.title,
    privilege: change.privilege,
    reversibility: change.reversibility,
    reversibilityReason: change.reversibilityReason,
    bytes: change.bytes,
    through: null,
    commands: [],
    diff: [],
    notes: [],
  };
  const short = SANDBOX.replace(HOME, '~');
  if (change.kind === 'create-sandbox') {
    return {
      ...shared,
      target: change.directory,
      notes: [words('scenario.note.signature'), words('scenario.note.packages', { count: 3 })],
    };
  }
  if (change.kind === 'copy-tree') {
    return {
      ...shared,
      target: change.to,
      commands: [
        ['patchelf', '--force-rpath', '--set-rpath', `${SANDBOX}/lib`, `${COPY}/bin/git`],
        ['patchelf', '--set-interpreter', `${SANDBOX}/lib/ld-linux-x86-64.so.2`, `${COPY}/bin/git`],
        [`${COPY}/bin/git`, '--version'],
      ],
      diff: [
        { sign: '-', line: null, text: `interpreter  ${INTERPRETER}` },
        { sign: '+', line: null, text: `interpreter  ${short}/lib/ld-linux-x86-64.so.2` },
        { sign: '+', line: null, text: `rpath        ${short}/lib` },
      ],
    };
  }
  return {
    ...shared,
    target: SETTINGS_FILE,
    through: `${HOME}/dotfiles/vscode.json`,
    diff: [
      { sign: ' ', line: 13, text: '  "editor.formatOnSave": true,' },
      { sign: '-', line: 14, text: `  "git.path": "${GIT}", // team build` },
      { sign: '+', line: 14, text: `  "git.path": "${COPY}/bin/git", // team build` },
    ],
  };
}

/** The plan for some findings of a scenario, with their chosen ways. */
export function planFor(
  findings: readonly Finding[],
  choices: readonly Readonly<Record<string, string>>[],
  number: number,
): PlanReview {
  const changes: Change[] = [];
  const repairs = findings.map((finding, index) => {
    const program = String(finding.title.params.program ?? '');
    const own = [
      createSandbox(`${index}-sandbox`),
      copyProgram(`${index}-copy`, program, finding.affected[0] ?? GIT),
      ...(finding.evidence.some(
        (item) => item.kind === 'reference' && item.reference.kind === 'setting',
      )
        ? [editSettings(`${index}-setting`)]
        : []),
    ];
    changes.push(...own);
    return {
      repair: 'glibc-sandbox',
      finding: finding.id,
      title: words('repair.sandbox.title', { program }),
      subject: program,
      problem: words('scenario.problem'),
      choices: { ...choices[index] },
      changes: own.map((change) => change.id),
    };
  });
  return {
    plan: {
      schema: 'devmend.plan/1',
      id: `plan-${number}`,
      createdAt: NOW,
      devmend: '0.1.0',
      root: '/',
      home: HOME,
      repairs,
      changes,
      reliesOn: [{ path: GIT, state: 'file', sha256: DIGEST }],
      verifications: repairs.map((repair) => ({
        kind: 'program-starts',
        title: words('verify.title.starts', { program: repair.subject }),
        path: `${COPY}/bin/git`,
        args: ['--version'],
        environment: {},
        timeoutMs: 10_000,
      })),
      bytes: changes.reduce((sum, change) => sum + change.bytes, 0),
      seconds: 5,
    },
    previews: changes.map(previewOf),
    needsRoot: false,
    freeBytes: 80_000 * MEGABYTE,
  };
}
