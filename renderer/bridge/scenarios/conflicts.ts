import type { PathVersion, ThreeWay, UndoPreview } from '../../../shared/history.ts';
import type { DiffLine } from '../../../shared/plan.ts';
import { COPY, GIT, HOME, words } from './machine.ts';

type Item = UndoPreview['items'][number];

const nothing = { bytes: null, files: null, digest: null, target: null, text: null } as const;

function file(bytes: number, digit: string, text: readonly string[] | null = null): PathVersion {
  const digest = digit.repeat(64);
  return { ...nothing, type: 'file', bytes, digest, text: text === null ? null : [...text] };
}

function valueOf(value: string): PathVersion {
  return { ...nothing, type: 'value', text: [value] };
}

function line(sign: DiffLine['sign'], number: number, text: string): DiffLine {
  return { sign, line: number, text };
}

function settingsWith(path: string): string[] {
  return ['{', `  "git.path": "${path}", // team build`, '  "window.zoomLevel": 0', '}'];
}

const [before, left, now] = [GIT, `${COPY}/bin/git`, '/usr/bin/git'].map(settingsWith);

const unread = (from: PathVersion, made: PathVersion, present: PathVersion): ThreeWay => ({
  before: from,
  left: made,
  now: present,
  repaired: [],
  since: [],
});

/** The settings of the usual story, after somebody has changed them by hand. */
export const changedSettings: ThreeWay = {
  before: file(71, 'a', before),
  left: file(96, 'b', left),
  now: file(74, 'c', now),
  repaired: [line('-', 2, before?.[1] ?? ''), line('+', 2, left?.[1] ?? '')],
  since: [line('-', 2, left?.[1] ?? ''), line('+', 2, now?.[1] ?? '')],
};

const tree: PathVersion = {
  ...nothing,
  type: 'directory',
  files: 212,
  bytes: 27_000_000,
  digest: 'd'.repeat(64),
};

function conflict(
  target: string,
  standing: Item['standing'],
  differences: string[],
  threeWay: ThreeWay,
): Item {
  const name = target.slice(target.lastIndexOf('/') + 1);
  const title = words('journal.restore.file', { name });
  return {
    ...{ target, title, standing, differences, threeWay },
    ...{ diff: [], bytes: 0, reversibility: 'full' },
  };
}

const KEY = 'fs.inotify.max_user_watches';

/** What else somebody can have done: deleted, a link, unreadable, another folder, a value set. */
export const otherConflicts: readonly Item[] = [
  conflict(`${HOME}/.profile`, 'missing', ['existence'], {
    ...changedSettings,
    now: { ...nothing, type: 'absent' },
    since: [],
  }),
  conflict(
    `${HOME}/bin/dlv`,
    'changed',
    ['type'],
    unread(file(18_000_000, '1'), file(18_100_000, '2'), {
      ...nothing,
      type: 'link',
      target: '/opt/go/bin/dlv',
    }),
  ),
  conflict(
    `${HOME}/bin/locked`,
    'unreadable',
    [],
    unread(file(9_000, '3'), file(9_100, '4'), { ...nothing, type: 'unreadable' }),
  ),
  conflict(
    `${COPY}-other`,
    'changed',
    ['content'],
    unread({ ...nothing, type: 'absent' }, tree, { ...tree, files: 213, digest: 'e'.repeat(64) }),
  ),
  {
    ...conflict(KEY, 'changed', ['content'], {
      ...unread(valueOf('8192'), valueOf('524288'), valueOf('65536')),
    }),
    title: words('journal.restore.value', { name: KEY, value: '8192' }),
    diff: [
      { sign: '-', line: null, text: '65536' },
      { sign: '+', line: null, text: '8192' },
    ],
    reversibility: 'partial',
  },
];
