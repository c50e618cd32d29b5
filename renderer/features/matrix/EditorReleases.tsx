import { useMemo } from 'react';
import type { MatrixReport } from '../../../shared/matrix.ts';
import { useSpeech } from '../../state/window.tsx';
import { Fit } from './Fit.tsx';
import { Sources } from './Sources.tsx';
import { ReleaseName, ReleaseTable } from './ReleaseTable.tsx';

type Release = MatrixReport['editors'][number];

/** Releases of VS Code: what their server and desktop need, and whether they would start here. */
export function EditorReleases(props: { readonly report: MatrixReport }) {
  const { report } = props;
  const { text } = useSpeech();
  const releases = useMemo(
    () => [...report.editors].sort((a, b) => b.date.localeCompare(a.date)),
    [report],
  );
  return (
    <div className="content inspection">
      <h2>{text('matrix.editors')}</h2>
      <ReleaseTable<Release>
        name={text('matrix.editors')}
        columns={[
          'matrix.column.release',
          'matrix.column.server',
          'matrix.column.desktop',
          'matrix.column.serverHere',
          'matrix.column.desktopHere',
        ]}
        releases={releases}
        row={(release) => <Row key={release.version} release={release} />}
      />
      <Sources report={report} tables={['vscode-releases']} />
    </div>
  );
}

function Row(props: { readonly release: Release }) {
  const { release } = props;
  const { text } = useSpeech();
  const open = text('matrix.notStated');
  const server = [
    release.serverGlibc === null ? null : `GLIBC ${release.serverGlibc}`,
    release.serverGlibcxx === null ? null : `GLIBCXX ${release.serverGlibcxx}`,
  ].filter((one) => one !== null);
  return (
    <tr data-release={release.version}>
      <ReleaseName
        version={release.version}
        date={release.date}
        installed={release.installed}
        note={release.electron === null ? null : `Electron ${release.electron}`}
      />
      <td>
        <span className="num">{server.length === 0 ? open : server.join(' · ')}</span>
        {!release.verified && <span className="muted">{text('matrix.unverified')}</span>}
      </td>
      <td className="num">
        {release.desktopGlibc === null ? open : `GLIBC ${release.desktopGlibc}`}
      </td>
      <Fit of="start" fit={release.server} />
      <Fit of="start" fit={release.desktop} />
    </tr>
  );
}
