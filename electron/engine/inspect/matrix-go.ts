import satisfies from 'semver/functions/satisfies.js';
import type { MatrixReport } from '../../../shared/matrix.ts';
import { message } from '../../../shared/message.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import type { GoExtensionRelease, Tables } from '../data/tables.ts';
import { compareNumbers } from '../numeric-version.ts';
import type { Judgement } from './matrix-cells.ts';

type ExtensionRow = MatrixReport['goExtensions'][number];
type ToolRow = MatrixReport['goTools'][number];

const NO_GO: Judgement = { verdict: 'not-applicable', reason: message('matrix.go.no-go') };

/** What of Go was found here; versions without their prefixes, null where not there or not stated. */
interface GoHere {
  readonly go: string | null;
  readonly gopls: string | null;
  readonly dlv: string | null;
  /** Packages that say so, where the programs do not: `delve 1.20.2-1`. */
  readonly packages: Readonly<Record<'gopls' | 'dlv', string | null>>;
}

/** Releases of the Go extension against the editors, the Go and the tools found here. */
export function goExtensionRows(snapshot: Snapshot, tables: Tables): ExtensionRow[] {
  const here = goHere(snapshot);
  const extensions = snapshot.probes['go-extension'].data?.extensions ?? [];
  const installed = new Set(extensions.map(({ version }) => version));
  return tables.goExtensions.releases.map((release) => ({
    version: release.version,
    date: release.date,
    preRelease: release.preRelease,
    engine: release.engine,
    minimumGo: release.minimumGo,
    gopls: release.gopls,
    dlv: release.dlv,
    source: tables.goExtensions._meta.source,
    notes: release.notes,
    engineFit: judgeEngine(release, snapshot),
    goFit: judgeGo(release, here, tables),
    goplsFit: judgeGopls(release, here, tables),
    dlvFit: judgeDlv(release, here, tables),
    installed: installed.has(release.version),
  }));
}

/** Releases of gopls and dlv against the Go found here. */
export function goToolRows(snapshot: Snapshot, table: Tables['goTools']): ToolRow[] {
  const here = goHere(snapshot);
  return [
    ...table.gopls.map(({ version, date, minimumGo, buildGo }): ToolRow => ({
      tool: 'gopls',
      version,
      date,
      minimumGo,
      maximumGo: null,
      buildGo,
      fit: fitOf('gopls', version, { minimumGo, maximumGo: null }, here),
      installed: here.gopls === version,
      byPackage: here.gopls === version ? here.packages.gopls : null,
    })),
    ...table.dlv.map(({ version, date, minimumGo, maximumGo }): ToolRow => ({
      tool: 'dlv',
      version,
      date,
      minimumGo,
      maximumGo,
      buildGo: null,
      fit: fitOf('dlv', version, { minimumGo, maximumGo }, here),
      installed: here.dlv === version,
      byPackage: here.dlv === version ? here.packages.dlv : null,
    })),
  ];
}

function goHere(snapshot: Snapshot): GoHere {
  const tools = snapshot.probes['go-tools'].data?.tools ?? [];
  const tool = (name: string): (typeof tools)[number] | undefined =>
    tools.find((one) => one.name === name);
  const number = (text: string | null | undefined): string | null =>
    /^(?:go|v)(\d+(?:\.\d+)*)/.exec(text ?? '')?.[1] ?? null;
  const release = (name: string): string | null =>
    number(tool(name)?.moduleVersion) ?? tool(name)?.package?.release ?? null;
  const owner = (name: string): string | null => {
    const known = number(tool(name)?.moduleVersion) === null ? tool(name)?.package : undefined;
    return known === undefined ? null : `${known.name} ${known.version}`;
  };
  return {
    go: number(tool('go')?.goVersion),
    gopls: release('gopls'),
    dlv: release('dlv'),
    packages: { gopls: owner('gopls'), dlv: owner('dlv') },
  };
}

function fitOf(
  tool: string,
  version: string,
  range: { readonly minimumGo: string | null; readonly maximumGo: string | null },
  { go }: GoHere,
): Judgement {
  if (go === null) return NO_GO;
  const { minimumGo, maximumGo } = range;
  const params = { tool, version, go, minimum: minimumGo ?? '', maximum: maximumGo ?? '' };
  if (minimumGo === null) return { verdict: 'unknown', reason: message('matrix.go.open', params) };
  if (compareNumbers(go, minimumGo) < 0) {
    return { verdict: 'fails', reason: message('matrix.go.too-old', params) };
  }
  // A range that ends with Go 1.24 holds for 1.24.4 too.
  if (maximumGo !== null && compareNumbers(minorOf(go), maximumGo) > 0) {
    return { verdict: 'fails', reason: message('matrix.go.too-new', params) };
  }
  const key = maximumGo === null ? 'fits' : 'fits-range';
  return { verdict: 'runs', reason: message(`matrix.go.${key}`, params) };
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function judgeEngine({ engine, version }: GoExtensionRelease, { probes }: Snapshot): Judgement {
  const editors = probes.editors.data?.editors ?? [];
  const [first] = editors;
  if (first === undefined) {
    return { verdict: 'not-applicable', reason: message('matrix.go.no-editor') };
  }
  // A fork may add a fourth number, and an insider build a tag: the release decides.
  const fits = (text: string): boolean =>
    satisfies(/^\d+\.\d+\.\d+/.exec(text)?.[0] ?? '0.0.0', engine);
  const unfit = editors.find((editor) => !fits(editor.codeVersion ?? editor.version));
  const { name, version: own, codeVersion } = unfit ?? first;
  const found = codeVersion === undefined ? own : `${own} (VS Code ${codeVersion})`;
  const params = { version, engine, editor: name, found };
  return unfit === undefined
    ? { verdict: 'runs', reason: message('matrix.go.engine-fits', params) }
    : { verdict: 'fails', reason: message('matrix.go.engine-unfit', params) };
}

function judgeGo({ version, minimumGo }: GoExtensionRelease, here: GoHere, all: Tables): Judgement {
  const { go } = here;
  if (go === null) return NO_GO;
  if (minimumGo === null || compareNumbers(go, minimumGo) >= 0) {
    return fitOf('vscode-go', version, { minimumGo, maximumGo: null }, here);
  }
  const old = all.goExtensions.lastForOldGo.versions.find((one) => one.go === minorOf(go));
  const params = { tool: 'vscode-go', version, go, minimum: minimumGo };
  return {
    verdict: 'fails',
    reason:
      old === undefined
        ? message('matrix.go.too-old', params)
        : message('matrix.go.too-old-last', { ...params, last: old.extension }),
  };
}

/** Which Go a release of the extension wants for a tool, whatever release of the tool that is. */
function demandOf(
  tool: 'gopls' | 'dlv',
  { version }: GoExtensionRelease,
  minimum: string | null,
  go: string,
): Judgement {
  const params = { tool, version, go, minimum: minimum ?? '' };
  if (minimum === null) {
    return { verdict: 'unknown', reason: message('matrix.go.tool-open', params) };
  }
  return compareNumbers(go, minimum) < 0
    ? { verdict: 'fails', reason: message('matrix.go.tool-too-old', params) }
    : { verdict: 'runs', reason: message('matrix.go.tool-fits', params) };
}

/** The extension's own demand on Go for gopls, then what the gopls found here can do. */
function judgeGopls(release: GoExtensionRelease, here: GoHere, { goTools }: Tables): Judgement {
  if (here.go === null) return NO_GO;
  const { minimumGo } = release.gopls;
  const demand = demandOf('gopls', release, minimumGo, here.go);
  if (demand.verdict === 'fails' || here.gopls === null) return demand;
  const known = goTools.gopls.find(({ version }) => version === here.gopls);
  return known === undefined
    ? demand
    : fitOf('gopls', known.version, { minimumGo: known.minimumGo, maximumGo: null }, here);
}

function judgeDlv(release: GoExtensionRelease, here: GoHere, { goTools }: Tables): Judgement {
  if (here.go === null) return NO_GO;
  const { minimumGo } = release.dlv;
  const demand = demandOf('dlv', release, minimumGo, here.go);
  if (demand.verdict === 'fails' || here.dlv === null) return demand;
  const known = goTools.dlv.find(({ version }) => version === here.dlv);
  return known === undefined ? demand : fitOf('dlv', known.version, known, here);
}
