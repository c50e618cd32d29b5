import * as z from 'zod';
import { dependencyReportSchema } from './elf.ts';
import { messageSchema } from './message.ts';
import { probeProblemSchema } from './probe-problem.ts';

/** What a file does for an editor or for Go; the words for "what breaks" hang on it. */
export const componentRoleSchema = z.enum([
  'editor',
  'server',
  'terminal',
  'search',
  'file-watcher',
  'log',
  'storage',
  'credentials',
  'keyboard',
  'policy',
  'device-id',
  'file-copy',
  'watchdog',
  'signature',
  'graphics',
  'media',
  'crash-handler',
  'sandbox',
  'extension',
  'module',
  'opened-library',
  'go',
  'gopls',
  'dlv',
  'staticcheck',
  'linter',
  'go-tool',
  'c-compiler',
  'race-detector',
  'cgo-program',
]);
export type ComponentRole = z.infer<typeof componentRoleSchema>;

/** A symbol version that a component cannot do without, and who asks for it. */
export const forcedNeedSchema = z.strictObject({
  /** soname of the library that has to define it. */
  library: z.string(),
  version: z.string(),
  /** Undefined symbols that carry this version; empty where only the version record asks. */
  symbols: z.array(z.string()),
  /** Path of the object that asks: the component itself, or a library it brings along. */
  requiredBy: z.string(),
});
export type ForcedNeed = z.infer<typeof forcedNeedSchema>;

/** What a component needs of the system's C and C++ runtime, by its own files. */
export const runtimeNeedsSchema = z.strictObject({
  /** Highest number of the family among its needs, such as `2.28`; null: none. */
  glibc: z.string().nullable(),
  glibcxx: z.string().nullable(),
  cxxabi: z.string().nullable(),
  /** The needs behind these highest numbers, one entry a library, version and asking object. */
  forcedBy: z.array(forcedNeedSchema),
});
export type RuntimeNeeds = z.infer<typeof runtimeNeedsSchema>;

/** One file that an editor loads or starts, or that Go work needs, and DT_NEEDED does not show. */
export const componentSchema = z.strictObject({
  /** Stable across scans: a short hash of editor and path. */
  id: z.string(),
  /** Null for the Go side, which every editor shares. */
  editorId: z.string().nullable(),
  role: componentRoleSchema,
  name: z.string(),
  path: z.string(),
  realPath: z.string().nullable(),
  /** The program that opens it with dlopen; null for what is a process of its own. */
  loadedBy: z.string().nullable(),
  /** How it is known: a file in the tree, `.note.dlopen`, a name in the program's text … */
  foundBy: z.enum(['file', 'dlopen-note', 'string', 'path', 'workspace', 'compiler', 'demand']),
  /**
   * Whether this editor would ever load it here. Anything but `loads` is no finding.
   * `superseded`: another build of the same module comes before it. `required-absent`: the
   * editor's own files ask for it and it is not there, which is a finding; `problem` says who asks.
   */
  variant: z.enum([
    'loads',
    'superseded',
    'foreign-architecture',
    'other-libc',
    'other-system',
    'optional-absent',
    'required-absent',
  ]),
  extension: z.string().nullable(),
  needs: runtimeNeedsSchema.nullable(),
  /**
   * Every version that it cannot do without, not only the highest of each family (weak needs are
   * left out). Missing in snapshots that were saved before.
   */
  allNeeds: z.array(forcedNeedSchema).optional(),
  /** Judged inside the process of `loadedBy`, with what that one has loaded already. */
  report: dependencyReportSchema.nullable(),
  problem: probeProblemSchema.nullable(),
});
export type Component = z.infer<typeof componentSchema>;

/** One line of the components view. */
export const componentLineSchema = z.strictObject({
  id: z.string(),
  role: componentRoleSchema,
  name: z.string(),
  path: z.string(),
  state: z.enum(['fails', 'unknown', 'weak', 'works', 'not-used']),
  needs: runtimeNeedsSchema.nullable(),
  /** What breaks for the person if it fails ("the integrated terminal will not start"). */
  breaks: messageSchema,
  /** Why it has this state; null for `works`. */
  reason: messageSchema.nullable(),
  /** Id of the finding that says so, if there is one. */
  finding: z.string().nullable(),
  /** Id among the known programs and modules, for a graph or a trace; null where none was read. */
  program: z.string().nullable(),
});
export type ComponentLine = z.infer<typeof componentLineSchema>;

/** Components by editor, worst first; the Go side is the group without an editor. */
export const componentReportSchema = z.strictObject({
  schema: z.literal('devmend.components/1'),
  groups: z.array(
    z.strictObject({
      editorId: z.string().nullable(),
      /** Editor name and version; empty for the Go side. */
      name: z.string(),
      version: z.string(),
      directory: z.string(),
      /** Highest needs over all components that load. */
      needs: runtimeNeedsSchema,
      components: z.array(componentLineSchema),
    }),
  ),
  /** What the system offers: `{GLIBC: '2.36', GLIBCXX: '3.4.30'}`. */
  present: z.record(z.string(), z.string()),
  /**
   * Release that its glibc states, which may be higher than the highest version it defines
   * (2.31 defines none of its own); null where it states none.
   */
  glibcRelease: z.string().nullable(),
});
export type ComponentReport = z.infer<typeof componentReportSchema>;
