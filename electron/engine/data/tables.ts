import * as z from 'zod';
import distributions from './distributions.json' with { type: 'json' };
import goExtensions from './go-extension-releases.json' with { type: 'json' };
import goTools from './go-tools.json' with { type: 'json' };
import vscode from './vscode-releases.json' with { type: 'json' };

const version = z.string().regex(/^\d+(?:\.\d+)*$/);
const date = z.iso.date();
const about = z.looseObject({ built: date, source: z.string().min(1) });
const sources = z.record(z.string(), z.string().min(1));

const distributionsSchema = z.strictObject({
  _meta: about,
  sources,
  systems: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9_.-]+$/),
      distribution: z.string(),
      name: z.string(),
      version: z.string(),
      libc: z.enum(['glibc', 'musl']),
      libcVersion: version,
      endOfLife: date.nullable(),
      rolling: z.boolean(),
      verified: z.boolean(),
      source: z.string(),
      /** Highest GLIBCXX version of its libstdc++, where it is known. */
      glibcxx: z.strictObject({ version, verified: z.boolean(), source: z.string() }).optional(),
      asOf: date.optional(),
    }),
  ),
});
const vscodeSchema = z.strictObject({
  _meta: about,
  sources,
  releases: z.array(
    z.strictObject({
      version,
      date: date.nullable(),
      electron: version.nullable(),
      node: version.nullable(),
      serverGlibc: version,
      serverGlibcxx: version,
      serverVerified: z.boolean(),
      serverPolicy: z.enum(['old', 'dialog', 'hard']),
      desktopGlibc: version.nullable(),
      source: z.string(),
    }),
  ),
});
const toolNeed = z.strictObject({ latest: version.nullable(), minimumGo: version.nullable() });
const goExtensionsSchema = z.strictObject({
  _meta: about,
  lastForOldGo: z.strictObject({
    source: z.string(),
    versions: z.array(
      z.strictObject({ go: version, extension: version, gopls: version, dlv: version }),
    ),
  }),
  releases: z.array(
    z.strictObject({
      version,
      date,
      preRelease: z.boolean(),
      engine: z.string().regex(/^\^\d+\.\d+\.\d+$/),
      minimumGo: version.nullable(),
      toolsMinimumGo: z.string().nullable(),
      gopls: toolNeed,
      dlv: toolNeed,
      notes: z.array(z.string()),
    }),
  ),
});
const goToolsSchema = z.strictObject({
  _meta: about,
  gopls: z.array(
    z.strictObject({ version, date, buildGo: version, minimumGo: version.nullable() }),
  ),
  dlv: z.array(z.strictObject({ version, date, minimumGo: version, maximumGo: version })),
});

export type DistributionRelease = z.infer<typeof distributionsSchema>['systems'][number];
export type VscodeRelease = z.infer<typeof vscodeSchema>['releases'][number];
export type GoExtensionRelease = z.infer<typeof goExtensionsSchema>['releases'][number];

/** The tables behind the compatibility matrix, each with where it comes from. */
export interface Tables {
  readonly distributions: z.infer<typeof distributionsSchema>;
  readonly vscode: z.infer<typeof vscodeSchema>;
  readonly goExtensions: z.infer<typeof goExtensionsSchema>;
  readonly goTools: z.infer<typeof goToolsSchema>;
}

let read: Tables | null = null;

/**
 * The tables, checked on first use and then kept. Throws where one does not have
 * the form stated here, which is a fault of this program and not of a machine.
 */
export function tables(): Tables {
  read ??= {
    distributions: distributionsSchema.parse(distributions),
    vscode: vscodeSchema.parse(vscode),
    goExtensions: goExtensionsSchema.parse(goExtensions),
    goTools: goToolsSchema.parse(goTools),
  };
  return read;
}
