import type { KeyboardEvent } from 'react';
import type { Finding, Unchecked } from '../../../shared/finding.ts';
import type { TextKey } from '../../i18n/i18n.ts';

export const groupNames = ['error', 'warning', 'info', 'unchecked'] as const;
export type GroupName = (typeof groupNames)[number];
export const groups: Readonly<Record<GroupName, TextKey>> = {
  error: 'findings.group.error',
  warning: 'findings.group.warning',
  info: 'findings.group.info',
  unchecked: 'findings.group.unchecked',
};

interface Place {
  readonly id: string;
  readonly group: GroupName;
  /** Rows of the group. */
  readonly size: number;
}
/** One line of the list; `position` counts from 1 within its group. */
export type Entry =
  | (Place & { readonly kind: 'heading' })
  | (Place & { readonly kind: 'finding'; readonly position: number; readonly item: Finding })
  | (Place & { readonly kind: 'unchecked'; readonly position: number; readonly item: Unchecked });

/** The lines of the list from top to bottom: groups by severity, each below its heading. */
export function entriesOf(
  findings: readonly Finding[],
  unchecked: readonly Unchecked[],
): readonly Entry[] {
  return groupNames.flatMap((group): Entry[] => {
    const rows: readonly Entry[] =
      group === 'unchecked'
        ? unchecked.map((item, index) => ({
            ...{ kind: 'unchecked', id: item.id, group, item },
            ...{ position: index + 1, size: unchecked.length },
          }))
        : findingEntries(group, findings);
    const first: Entry = { kind: 'heading', id: `heading:${group}`, group, size: rows.length };
    return rows.length === 0 ? [] : [first, ...rows];
  });
}

function findingEntries(
  group: Exclude<GroupName, 'unchecked'>,
  findings: readonly Finding[],
): readonly Entry[] {
  const rows = findings.filter((finding) => finding.severity === group);
  return rows.map((item, index) => ({
    ...{ kind: 'finding', id: item.id, group, item },
    ...{ position: index + 1, size: rows.length },
  }));
}

export function sizeOf(entries: readonly Entry[], group: GroupName): number {
  return entries.find((entry) => entry.group === group)?.size ?? 0;
}

/** Arrow keys, Home, End, Page Up and Down; a letter goes to the next row that begins with it. */
export function moveByKey(
  event: KeyboardEvent,
  entries: readonly Entry[],
  title: (entry: Entry) => string | null,
  show: (index: number) => void,
): void {
  const target = event.target as HTMLElement;
  const at = Number(target.closest<HTMLElement>('[data-index]')?.dataset.index ?? Number.NaN);
  if (Number.isNaN(at) || !target.matches('[data-row]')) return;
  const rows = entries.flatMap((entry, index) => (entry.kind === 'heading' ? [] : [index]));
  const here = rows.indexOf(at);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: here + 1,
    ArrowUp: here - 1,
    PageDown: here + 8,
    PageUp: here - 8,
    Home: 0,
    End: rows.length - 1,
  };
  const move = moves[event.key];
  const next =
    move !== undefined
      ? rows[Math.max(0, Math.min(rows.length - 1, move))]
      : lettered(event, rows, here, entries, title);
  if (next === undefined) return;
  event.preventDefault();
  show(next);
}

function lettered(
  event: KeyboardEvent,
  rows: readonly number[],
  here: number,
  entries: readonly Entry[],
  title: (entry: Entry) => string | null,
): number | undefined {
  if (event.key.length !== 1 || event.key === ' ') return undefined;
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const letter = event.key.toLowerCase();
  return [...rows.slice(here + 1), ...rows.slice(0, here)].find((index) => {
    const entry = entries[index];
    return entry !== undefined && title(entry)?.toLowerCase().startsWith(letter) === true;
  });
}
