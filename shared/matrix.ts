import * as z from 'zod';
import { forcedNeedSchema } from './component.ts';
import { messageSchema } from './message.ts';

export const matrixVerdictSchema = z.enum(['runs', 'fails', 'unknown', 'not-applicable']);
export type MatrixVerdict = z.infer<typeof matrixVerdictSchema>;

/** A column: a distribution release with its C library, or this machine. */
export const matrixSystemSchema = z.strictObject({
  /** `debian-12`, `this-machine`. */
  id: z.string(),
  name: z.string(),
  version: z.string(),
  libc: z.enum(['glibc', 'musl']),
  libcVersion: z.string(),
  /** Date of the end of support, ISO; null when not known. */
  endOfLife: z.string().nullable(),
  /** Whether the table's source was read (true) or is general knowledge. */
  verified: z.boolean(),
  source: z.string(),
});
export type MatrixSystem = z.infer<typeof matrixSystemSchema>;

export const matrixCellSchema = z.strictObject({
  /** Id of the column. */
  system: z.string(),
  verdict: matrixVerdictSchema,
  reason: messageSchema,
});

/** A row: a program or module that was found here, with what it really needs. */
export const matrixRowSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  kind: z.enum(['program', 'module', 'library']),
  /** The needs that decide the cells, highest first. */
  needs: z.array(forcedNeedSchema),
  /** Lowest glibc that has all of them, such as `2.34`; null when it needs none or cannot be told. */
  glibcFloor: z.string().nullable(),
  /** One cell a column, in the columns' order. */
  cells: z.array(matrixCellSchema),
});

export const editorReleaseRowSchema = z.strictObject({
  version: z.string(),
  date: z.string(),
  electron: z.string().nullable(),
  node: z.string().nullable(),
  serverGlibc: z.string().nullable(),
  serverGlibcxx: z.string().nullable(),
  desktopGlibc: z.string().nullable(),
  verified: z.boolean(),
  source: z.string(),
  /** Would its server and its desktop start here? */
  server: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
  desktop: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
  installed: z.boolean(),
});

export const goExtensionRowSchema = z.strictObject({
  version: z.string(),
  date: z.string(),
  preRelease: z.boolean(),
  engine: z.string(),
  minimumGo: z.string().nullable(),
  gopls: z.strictObject({ latest: z.string().nullable(), minimumGo: z.string().nullable() }),
  dlv: z.strictObject({ latest: z.string().nullable(), minimumGo: z.string().nullable() }),
  source: z.string(),
  notes: z.array(z.string()),
  /** Against the editors, the Go, gopls and dlv found here. */
  engineFit: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
  goFit: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
  goplsFit: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
  dlvFit: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
  installed: z.boolean(),
});

/** What `devmend matrix --json` says (schema `devmend.matrix/1`). */
export const matrixReportSchema = z.strictObject({
  schema: z.literal('devmend.matrix/1'),
  takenAt: z.string(),
  systems: z.array(matrixSystemSchema),
  rows: z.array(matrixRowSchema),
  editors: z.array(editorReleaseRowSchema),
  goExtensions: z.array(goExtensionRowSchema),
  /** gopls and dlv releases against Go: the tables as such. */
  goTools: z.array(
    z.strictObject({
      tool: z.enum(['gopls', 'dlv']),
      version: z.string(),
      date: z.string().nullable(),
      /** Go versions it works with; null: open. */
      minimumGo: z.string().nullable(),
      maximumGo: z.string().nullable(),
      /** Go that is needed to build it, where the table says so. */
      buildGo: z.string().nullable(),
      fit: z.strictObject({ verdict: matrixVerdictSchema, reason: messageSchema }),
      installed: z.boolean(),
      /** The package whose version says that it is here; null where the program itself does. */
      byPackage: z.string().nullable(),
    }),
  ),
  /** When the tables were made, and from what. */
  tables: z.array(z.strictObject({ name: z.string(), built: z.string(), source: z.string() })),
});
export type MatrixReport = z.infer<typeof matrixReportSchema>;
