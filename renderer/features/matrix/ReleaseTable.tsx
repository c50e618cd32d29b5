import { useState, type ReactNode } from 'react';
import type { TextKey } from '../../i18n/i18n.ts';
import { useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';

/** Releases shown before somebody asks for all of them. */
const AT_FIRST = 15;

/**
 * A table of releases, newest first. What is installed here is always shown;
 * the older rest comes when asked for.
 */
export function ReleaseTable<T extends { readonly installed: boolean }>(props: {
  readonly name: string;
  readonly columns: readonly TextKey[];
  readonly releases: readonly T[];
  readonly row: (release: T) => ReactNode;
}) {
  const { text } = useSpeech();
  const [all, setAll] = useState(false);
  const { releases } = props;
  const shown = releases.filter((release, index) => all || index < AT_FIRST || release.installed);
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="group" aria-label={props.name}>
        <table className="simple releases">
          <thead>
            <tr>
              {props.columns.map((key) => (
                <th scope="col" key={key}>
                  {text(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{shown.map((release) => props.row(release))}</tbody>
        </table>
      </div>
      {shown.length < releases.length && (
        <Button small look="quiet" onPress={() => setAll(true)}>
          {text('matrix.showAll', { count: releases.length })}
        </Button>
      )}
    </>
  );
}

/** The name of a release, with the day it came out, and whether it is here. */
export function ReleaseName(props: {
  readonly version: string;
  readonly date: string | null;
  readonly installed: boolean;
  readonly note?: string | null;
}) {
  const { text } = useSpeech();
  return (
    <th scope="row" className={props.installed ? 'release installed' : 'release'}>
      <span>{props.version}</span>
      {props.installed && <span className="badge info">{text('matrix.installed')}</span>}
      <span className="muted num">{[props.date, props.note].filter(Boolean).join(' · ')}</span>
    </th>
  );
}
