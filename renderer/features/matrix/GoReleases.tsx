import { useMemo } from 'react';
import type { MatrixReport } from '../../../shared/matrix.ts';
import { message } from '../../../shared/message.ts';
import { useSpeech } from '../../state/window.tsx';
import { Fit } from './Fit.tsx';
import { Sources } from './Sources.tsx';
import { ReleaseName, ReleaseTable } from './ReleaseTable.tsx';

type Extension = MatrixReport['goExtensions'][number];
type Tool = MatrixReport['goTools'][number];

/** The Go extension, gopls and dlv against the editor and the Go that are here. */
export function GoReleases(props: { readonly report: MatrixReport }) {
  const { report } = props;
  const { text } = useSpeech();
  const extensions = useMemo(() => newestFirst(report.goExtensions), [report]);
  const tools = useMemo(() => newestFirst(report.goTools), [report]);
  return (
    <div className="content inspection">
      <h2>{text('matrix.goExtension')}</h2>
      <ReleaseTable<Extension>
        name={text('matrix.goExtension')}
        columns={[
          'matrix.column.release',
          'matrix.column.engine',
          'matrix.column.go',
          'matrix.column.gopls',
          'matrix.column.dlv',
        ]}
        releases={extensions}
        row={(extension) => <ExtensionRow key={extension.version} extension={extension} />}
      />
      <Sources report={report} tables={['go-extension-releases']} />
      {(['gopls', 'dlv'] as const).map((name) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          <ReleaseTable<Tool>
            name={name}
            columns={['matrix.column.release', 'matrix.column.goRange', 'matrix.column.goHere']}
            releases={tools.filter(({ tool }) => tool === name)}
            row={(tool) => <ToolRow key={tool.version} tool={tool} />}
          />
        </section>
      ))}
      <Sources report={report} tables={['go-tools']} />
    </div>
  );
}

function newestFirst<T extends { readonly version: string }>(releases: readonly T[]): readonly T[] {
  return [...releases].sort((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true }));
}

function ExtensionRow(props: { readonly extension: Extension }) {
  const { extension } = props;
  const { text } = useSpeech();
  return (
    <tr data-release={extension.version}>
      <ReleaseName
        version={extension.version}
        date={extension.date}
        installed={extension.installed}
        note={extension.preRelease ? text('matrix.preRelease') : null}
      />
      <Fit of="pair" fit={extension.engineFit} />
      <Fit of="pair" fit={extension.goFit} />
      <Fit of="pair" fit={extension.goplsFit} />
      <Fit of="pair" fit={extension.dlvFit} />
    </tr>
  );
}

function ToolRow(props: { readonly tool: Tool }) {
  const { tool } = props;
  const { text, say } = useSpeech();
  const { minimumGo, maximumGo, buildGo, byPackage } = tool;
  const range =
    minimumGo === null
      ? text('matrix.notStated')
      : maximumGo === null
        ? text('matrix.go.from', { minimum: minimumGo })
        : text('matrix.go.range', { minimum: minimumGo, maximum: maximumGo });
  return (
    <tr data-release={tool.version}>
      <ReleaseName
        version={tool.version}
        date={tool.date}
        installed={tool.installed}
        note={byPackage === null ? null : say(message('matrix.go.by-package', { byPackage }))}
      />
      <td>
        <span>{range}</span>
        {buildGo !== null && (
          <span className="muted">{text('matrix.go.build', { version: buildGo })}</span>
        )}
      </td>
      <Fit of="pair" fit={tool.fit} />
    </tr>
  );
}
