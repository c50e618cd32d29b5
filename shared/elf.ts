import * as z from 'zod';

/** What `devmend elf --json` says of one file (schema `devmend.elf/1`). */
export const elfReportFileSchema = z.strictObject({
  path: z.string(),
  class: z.enum(['ELF32', 'ELF64']).nullable(),
  machine: z.string().nullable(),
  type: z.enum(['REL', 'EXEC', 'DYN', 'CORE', 'OTHER']).nullable(),
  interpreter: z.string().nullable(),
  soname: z.string().nullable(),
  needed: z.array(z.string()),
  rpath: z.array(z.string()),
  runpath: z.array(z.string()),
  versionNeeds: z.array(
    z.strictObject({
      library: z.string(),
      versions: z.array(z.strictObject({ name: z.string(), weak: z.boolean() })),
    }),
  ),
  versionDefines: z.array(z.string()),
  linkage: z.enum(['dynamic', 'static', 'static-pie']).nullable(),
  libc: z.enum(['glibc', 'musl', 'none', 'unknown']).nullable(),
  go: z.strictObject({ version: z.string(), path: z.string(), module: z.string() }).nullable(),
  error: z
    .strictObject({ code: z.string(), offset: z.number().nullable(), detail: z.string() })
    .nullable(),
});
export type ElfReportFile = z.infer<typeof elfReportFileSchema>;

export const elfReportSchema = z.strictObject({
  schema: z.literal('devmend.elf/1'),
  files: z.array(elfReportFileSchema),
});
export type ElfReport = z.infer<typeof elfReportSchema>;

/** How the loader came to a library: its provenance. */
export const foundBySchema = z.enum([
  'rpath',
  'runpath',
  'ld-library-path',
  'cache',
  'default-directory',
  'absolute-path',
  'already-loaded',
  'preload',
]);
export type FoundBy = z.infer<typeof foundBySchema>;

/** What `devmend deps --json` says (schema `devmend.deps/1`). */
export const dependencyReportSchema = z.strictObject({
  schema: z.literal('devmend.deps/1'),
  file: z.string(),
  root: z.string(),
  interpreter: z.string().nullable(),
  verdict: z.enum(['starts', 'fails', 'unknown']),
  /** Why the verdict is `unknown`, or what other than a library, version or symbol makes it `fails`. */
  reason: z
    .enum([
      'static',
      'no-interpreter',
      'interpreter-missing',
      'interpreter-unusable',
      'relr-unmarked',
      'processor-level',
      'not-executable',
      'musl',
      'foreign-architecture',
      'not-elf',
      'malformed',
      'unreadable',
      'library-unreadable',
    ])
    .nullable(),
  /** Path of the object that the reason is about, where it is one that would be loaded. */
  refused: z.string().optional(),
  objects: z.array(
    z.strictObject({
      soname: z.string(),
      path: z.string(),
      foundBy: foundBySchema,
      /** Paths of the objects that ask for it, in load order; the program itself first. */
      requiredBy: z.array(z.string()),
    }),
  ),
  missing: z.array(
    z.strictObject({
      soname: z.string(),
      requiredBy: z.array(z.string()),
      searched: z.array(z.string()),
      /** A file that is there and that the loader refuses, or that may not be read. */
      found: z.string().optional(),
    }),
  ),
  versionErrors: z.array(
    z.strictObject({
      /** soname of the library that lacks the version. */
      library: z.string(),
      version: z.string(),
      /** Path of the object that asks. */
      requiredBy: z.string(),
      weak: z.boolean(),
      /** Path of the library that would be loaded. */
      path: z.string(),
      /** Undefined symbols of `requiredBy` that carry this version. */
      symbols: z.array(z.string()),
    }),
  ),
  symbolErrors: z.array(
    z.strictObject({
      symbol: z.string(),
      version: z.string().nullable(),
      requiredBy: z.string(),
    }),
  ),
  /** Object paths whose glibc set is mixed (fact 7), each with the soname that does not belong. */
  mixedGlibc: z.array(
    z.strictObject({ soname: z.string(), path: z.string(), expected: z.string() }),
  ),
});
export type DependencyReport = z.infer<typeof dependencyReportSchema>;
