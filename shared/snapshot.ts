import * as z from 'zod';
import { componentSchema, forcedNeedSchema } from './component.ts';
import { dependencyReportSchema } from './elf.ts';
import { probeProblemSchema, type ProbeProblem } from './probe-problem.ts';

export const probeStatusSchema = z.enum(['ok', 'partial', 'denied', 'failed']);
export type ProbeStatus = z.infer<typeof probeStatusSchema>;

export { probeProblemSchema, type ProbeProblem };

const probe = <T extends z.ZodType>(data: T) =>
  z.strictObject({
    status: probeStatusSchema,
    problems: z.array(probeProblemSchema),
    ms: z.number().nonnegative(),
    /** Null only when `status` is `denied` or `failed`. */
    data: data.nullable(),
  });

/** A probe that came later: a snapshot saved before it has it as "not looked at". */
const laterProbe = <T extends z.ZodType>(data: T) =>
  z.preprocess(
    (value) => value ?? { status: 'failed', problems: [NOT_ASKED], ms: 0, data: null },
    probe(data),
  );
const NOT_ASKED: ProbeProblem = { code: 'unsupported', path: null, detail: 'not asked for' };

/** os-release(5) and what the package database calls the release. */
export const distributionDataSchema = z.strictObject({
  id: z.string(),
  idLike: z.array(z.string()),
  versionId: z.string().nullable(),
  codename: z.string().nullable(),
  prettyName: z.string(),
});
export const kernelDataSchema = z.strictObject({
  /** `uname -r`, or null for another root, where the kernel that will run is not known. */
  release: z.string().nullable(),
  architecture: z.enum(['x86-64', 'aarch64', 'other']),
  machine: z.string(),
});
const runtimeLibrarySchema = z.strictObject({
  soname: z.string(),
  path: z.string(),
  /** All version definitions, in file order, without the base definition. */
  versions: z.array(z.string()),
  /** Highest numeric version of each family, such as `{GLIBC: '2.36'}`. */
  highest: z.record(z.string(), z.string()),
});
export const libcDataSchema = z.strictObject({
  kind: z.enum(['glibc', 'musl', 'none']),
  /** The interpreter of the machine's architecture, resolved. */
  interpreter: z.string().nullable(),
  libc: runtimeLibrarySchema.nullable(),
  libstdcxx: runtimeLibrarySchema.nullable(),
});
/** What the distribution's package database says of the C and C++ runtime. */
export const packagesDataSchema = z.strictObject({
  manager: z.enum(['dpkg', 'rpm', 'apk', 'pacman', 'none']),
  packages: z.array(
    z.strictObject({
      /** soname of the library that the package brings. */
      library: z.string(),
      name: z.string(),
      /** The whole version, with the distribution's revision. */
      version: z.string(),
      architecture: z.string(),
      /** The package manager was told to leave it alone. */
      held: z.boolean(),
      /** Whether the file that the loader takes is this package's; null: the database does not say. */
      owns: z.boolean().nullable(),
      /** Whether that file still is as it was installed; null: no digest to compare with. */
      intact: z.boolean().nullable(),
    }),
  ),
  /**
   * Libraries that the loader takes and no package owns, where the manager could be asked for
   * the owner of a file (rpm). Missing in snapshots that were saved before.
   */
  unowned: z.array(z.strictObject({ library: z.string(), path: z.string() })).optional(),
  /** Other versions of these packages that the manager's own lists offer. */
  candidates: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      /** Suite or repository as the lists name it. */
      origin: z.string(),
      direction: z.enum(['upgrade', 'downgrade']),
    }),
  ),
  /** What the libc file says of itself. */
  libcFile: z
    .strictObject({
      path: z.string(),
      /** `2.36` of "release version 2.36". */
      release: z.string().nullable(),
      /** Its whole sentence. */
      banner: z.string().nullable(),
      buildId: z.string().nullable(),
    })
    .nullable(),
});
/** An editor found by its product.json. Paths are as seen inside the root. */
export const editorSchema = z.strictObject({
  /** Stable across scans: a short hash of the installation directory. */
  id: z.string(),
  name: z.string(),
  version: z.string(),
  /** Version of VS Code that it is made from, where its own counts otherwise (code-server, forks). */
  codeVersion: z.string().optional(),
  commit: z.string().nullable(),
  flavour: z.enum(['vscode', 'vscodium', 'code-server', 'vscode-server', 'other']),
  packaging: z.enum(['deb', 'rpm', 'tarball', 'npm', 'snap', 'flatpak', 'server', 'unknown']),
  directory: z.string(),
  productFile: z.string(),
  /** The ELF program that is the editor (Electron or the server's node), if found. */
  executable: z.string().nullable(),
  settingsFiles: z.array(z.string()),
  /** Whether the user who runs the scan may write into the installation directory. */
  userOwned: z.boolean(),
});
export type Editor = z.infer<typeof editorSchema>;

/** A program named by something: a settings file, PATH, the user. */
export const programReferenceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('setting'),
    /** The settings file, before links are followed. */
    file: z.string(),
    /** Where links lead, when that differs from `file`. */
    target: z.string().nullable(),
    /** 1-based. */
    line: z.number().int().positive(),
    /** JSON path of the value; `git.path` is one key: `['git.path']`. */
    jsonPath: z.array(z.union([z.string(), z.number()])),
    setting: z.string(),
    /** The value as written. */
    value: z.string(),
    editorId: z.string(),
    editorName: z.string(),
  }),
  z.strictObject({ kind: z.literal('path'), directory: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('editor'), editorId: z.string(), editorName: z.string() }),
  z.strictObject({ kind: z.literal('user') }),
]);
export type ProgramReference = z.infer<typeof programReferenceSchema>;

export const programSchema = z.strictObject({
  /** As named. */
  path: z.string(),
  /** After following links, inside the root. Null when it cannot be resolved. */
  realPath: z.string().nullable(),
  name: z.string(),
  references: z.array(programReferenceSchema),
  /** Null when it could not be read; the reason is in `problem`. */
  report: dependencyReportSchema.nullable(),
  problem: probeProblemSchema.nullable(),
  file: z
    .strictObject({
      size: z.number(),
      mode: z.number(),
      uid: z.number(),
      gid: z.number(),
      links: z.number(),
      /** Setuid, setgid or a security.capability attribute: secure mode, and never edited. */
      privileged: z.boolean(),
      sha256: z.string().nullable(),
      /** Whether the user who runs the scan could replace the file. */
      replaceable: z.boolean(),
    })
    .nullable(),
  /** ELF facts the repairs need without reading the file again. */
  elf: z
    .strictObject({
      machine: z.string(),
      class: z.enum(['ELF32', 'ELF64']),
      linkage: z.enum(['dynamic', 'static', 'static-pie']),
      libc: z.enum(['glibc', 'musl', 'none', 'unknown']),
      needed: z.array(z.string()),
      /** Bytes behind the last segment or section (fact 18). */
      appendedPayload: z.number(),
      goVersion: z.string().nullable(),
      /**
       * Versions of the C and C++ runtime that it, or a library that it brings along, cannot do
       * without (weak needs are left out). Missing in snapshots that were saved before.
       */
      needs: z.array(forcedNeedSchema).optional(),
    })
    .nullable(),
});
export type Program = z.infer<typeof programSchema>;

export const settingsFileSchema = z.strictObject({
  file: z.string(),
  target: z.string().nullable(),
  editorId: z.string(),
  editorName: z.string(),
  /** Parse errors with 1-based line; the values that could be read are still used. */
  errors: z.array(z.strictObject({ line: z.number(), code: z.string() })),
});

/** The Go extension of one editor, by its extensions.json and the extension's package.json. */
export const goExtensionSchema = z.strictObject({
  editorId: z.string(),
  editorName: z.string(),
  editorVersion: z.string(),
  version: z.string(),
  /** Its `engines.vscode`, such as `^1.90.0`; null when its package.json does not say. */
  engine: z.string().nullable(),
  directory: z.string(),
  /** The editor does not update it by itself: installed from a VSIX, or by version. */
  pinned: z.boolean(),
});

/** Everything the probes learned, as one document (schema `devmend.snapshot/1`). */
export const snapshotSchema = z.strictObject({
  schema: z.literal('devmend.snapshot/1'),
  takenAt: z.string(),
  devmend: z.string(),
  root: z.string(),
  home: z.string(),
  user: z.strictObject({ uid: z.number(), gid: z.number(), name: z.string() }),
  probes: z.strictObject({
    distribution: probe(distributionDataSchema),
    kernel: probe(kernelDataSchema),
    libc: probe(libcDataSchema),
    editors: probe(z.strictObject({ editors: z.array(editorSchema) })),
    'editor-settings': probe(
      z.strictObject({
        files: z.array(settingsFileSchema),
        references: z.array(
          z.strictObject({ path: z.string(), reference: programReferenceSchema }),
        ),
      }),
    ),
    'go-tools': probe(
      z.strictObject({
        tools: z.array(
          z.strictObject({
            name: z.string(),
            path: z.string(),
            goVersion: z.string().nullable(),
            module: z.string().nullable(),
            moduleVersion: z.string().nullable(),
            /**
             * The package that the file belongs to, where the program does not state its release
             * itself. `release`: the tool's release by the package's version; null where that
             * counts something else. Missing where none is known, and in older snapshots.
             */
            package: z
              .strictObject({
                manager: z.enum(['dpkg']),
                name: z.string(),
                source: z.string(),
                version: z.string(),
                release: z.string().nullable(),
              })
              .optional(),
            reference: programReferenceSchema,
          }),
        ),
      }),
    ),
    programs: probe(z.strictObject({ programs: z.array(programSchema) })),
    packages: laterProbe(packagesDataSchema),
    components: laterProbe(z.strictObject({ components: z.array(componentSchema) })),
    'go-extension': laterProbe(z.strictObject({ extensions: z.array(goExtensionSchema) })),
  }),
});
export type Snapshot = z.infer<typeof snapshotSchema>;
export type ProbeId = keyof Snapshot['probes'];
export type ProbeData<Id extends ProbeId> = NonNullable<Snapshot['probes'][Id]['data']>;
