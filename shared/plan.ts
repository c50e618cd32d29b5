import * as z from 'zod';
import { messageSchema } from './message.ts';
import { choiceValueSchema, reversibilitySchema } from './finding.ts';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const absolutePathSchema = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => path.startsWith('/') && !path.includes('\0'), 'absolute path expected');

/** One package of a sandbox, as the signed index names it. */
export const sandboxPackageSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  /** Path below the archive's root, or the file's name in a directory source. */
  file: z.string(),
  size: z.number().int().nonnegative(),
  sha256: sha256Schema,
});
export type SandboxPackage = z.infer<typeof sandboxPackageSchema>;

/** Everything that decides what a sandbox holds; the same spec gives the same bytes. */
export const sandboxSpecSchema = z.strictObject({
  /** `archive`: base address of a Debian archive. `directory`: .deb files beside their signed index. */
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('archive'), address: z.string().max(2048) }),
    z.strictObject({ kind: z.literal('directory'), path: absolutePathSchema }),
  ]),
  distributor: z.string(),
  /** Suite codename, such as `trixie`. */
  suite: z.string(),
  /** Release number, such as `13`; the suite again where the release has none. */
  release: z.string(),
  architecture: z.enum(['amd64', 'arm64']),
  /** Upstream glibc version read from the package version, such as `2.41`. */
  glibc: z.string(),
  /** Who signed the index: full fingerprint, and the key's own name. */
  signedBy: z.strictObject({ fingerprint: z.string(), name: z.string() }),
  /** sha256 of the Release text that the signature covers. */
  releaseDigest: sha256Schema,
  packages: z.array(sandboxPackageSchema).min(1),
  /** Lowest kernel that this glibc accepts, such as `3.2.0`; from its ABI note. */
  kernelFloor: z.string().nullable(),
  /** Unpacked size in bytes, as the index states it. */
  installedBytes: z.number().nonnegative(),
});
export type SandboxSpec = z.infer<typeof sandboxSpecSchema>;

/** How one ELF file is pointed to a sandbox. */
export const elfPatchSchema = z.strictObject({
  /** Relative to the tree for `copy-tree`; the target itself (`.`) for `patch-elf`. */
  path: z.string().max(4096),
  interpreter: z.strictObject({ before: z.string(), after: absolutePathSchema }),
  rpath: z.strictObject({ before: z.array(z.string()), after: z.array(z.string()).min(1) }),
});
export type ElfPatch = z.infer<typeof elfPatchSchema>;

/** A trial run: the program with harmless arguments, under a time limit. */
export const trialRunSchema = z.strictObject({
  /** Relative to the tree for `copy-tree`; `.` for `patch-elf`. */
  path: z.string().max(4096),
  args: z.array(z.string()).max(8),
  /** Added to a minimal environment; ELECTRON_RUN_AS_NODE for an Electron program, for instance. */
  environment: z.record(z.string(), z.string()).default({}),
  timeoutMs: z.number().int().positive().max(120_000),
});
export type TrialRun = z.infer<typeof trialRunSchema>;

const common = {
  id: z.string(),
  title: messageSchema,
  privilege: z.enum(['user', 'root']),
  reversibility: reversibilitySchema,
  /** Why it is not fully reversible; null when it is. */
  reversibilityReason: messageSchema.nullable(),
  /** What it will take on disk, before-image included; an estimate in bytes. */
  bytes: z.number().nonnegative(),
};

export const jsonEditSchema = z.strictObject({
  jsonPath: z.array(z.union([z.string(), z.number()])).min(1),
  /** Value that must be there now (JSON text), or null when the key must be absent. */
  before: z.string().nullable(),
  /** Value to put there (JSON text), or null to remove the key. */
  after: z.string().nullable(),
});

/**
 * Something a change brings about that is not a file of its own: it is read before,
 * set, read again, and undo sets and re-checks it.
 */
export const effectSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    /** A value of the running kernel (sysctl(8)); it lasts until the next start. */
    kind: z.literal('kernel-value'),
    key: z
      .string()
      .regex(/^[a-z0-9_]+(?:\.[a-z0-9_-]+)+$/)
      .max(200),
    value: z.string().regex(/^-?\d{1,20}$/),
  }),
  z.strictObject({
    /** ld.so.cache of a root, which ldconfig makes out of the libraries and its configuration. */
    kind: z.literal('loader-cache'),
    root: absolutePathSchema,
    value: z.enum(['rebuilt', 'absent']),
  }),
]);
export type Effect = z.infer<typeof effectSchema>;
export type EffectKindName = Effect['kind'];
export type EffectOf<Kind extends EffectKindName> = Extract<Effect, { kind: Kind }>;

export const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('create-sandbox'),
    ...common,
    directory: absolutePathSchema,
    spec: sandboxSpecSchema,
  }),
  z.strictObject({
    kind: z.literal('copy-tree'),
    ...common,
    /** A file or a directory. */
    from: absolutePathSchema,
    /** Where the copy lies afterwards; must not exist before. */
    to: absolutePathSchema,
    /** ELF files of the copy to point to a sandbox, before the copy is moved into place. */
    patches: z.array(elfPatchSchema),
    trial: trialRunSchema.nullable(),
  }),
  z.strictObject({
    kind: z.literal('patch-elf'),
    ...common,
    path: absolutePathSchema,
    patch: elfPatchSchema,
    trial: trialRunSchema.nullable(),
  }),
  z.strictObject({
    kind: z.literal('edit-json'),
    ...common,
    /** The file to edit, links already followed. */
    path: absolutePathSchema,
    /** The link by which the editor knows it, when different. */
    link: absolutePathSchema.nullable(),
    edits: z.array(jsonEditSchema).min(1),
  }),
  z.strictObject({
    kind: z.literal('remove-tree'),
    ...common,
    path: absolutePathSchema,
  }),
  z.strictObject({
    kind: z.literal('write-file'),
    ...common,
    path: absolutePathSchema,
    /** Digest of what must be there now, or null when there must be nothing. */
    before: sha256Schema.nullable(),
    content: z.string().max(1_000_000),
    /** Permission bits of a new file; one that is there keeps its own. */
    mode: z.number().int().min(0).max(0o777),
  }),
  z.strictObject({
    /** Sets a value of the running kernel. */
    kind: z.literal('set-sysctl'),
    ...common,
    effect: effectSchema.options[0],
    /** The value that must be there now. */
    before: z.string(),
  }),
  z.strictObject({
    /** Runs an allowed tool whose whole effect is stated and can be taken back. */
    kind: z.literal('run-tool'),
    ...common,
    tool: z.enum(['ldconfig']),
    effect: effectSchema.options[1],
  }),
  z.strictObject({
    /** Undo and redo: sets an effect back to what a transaction recorded. */
    kind: z.literal('restore-effect'),
    ...common,
    effect: effectSchema,
    /** What has to be read there afterwards. */
    wanted: z.string(),
    onConflict: z.enum(['stop', 'keep', 'restore']),
  }),
  z.strictObject({
    /** Undo and redo: puts a path back to what a transaction recorded. */
    kind: z.literal('restore'),
    ...common,
    path: absolutePathSchema,
    transaction: z.string(),
    /** Index of the record in that transaction's journal, and which side of it. */
    record: z.number().int().nonnegative(),
    side: z.enum(['before', 'after']),
    /** What to do when the path is not what the record's other side says. */
    onConflict: z.enum(['stop', 'keep', 'restore']),
  }),
]);
export type Change = z.infer<typeof changeSchema>;
export type ChangeKindName = Change['kind'];
export type ChangeOf<Kind extends ChangeKindName> = Extract<Change, { kind: Kind }>;

/** A line of a preview. Sign and colour both carry the meaning. */
export const diffLineSchema = z.strictObject({
  sign: z.enum(['+', '-', ' ']),
  /** 1-based line number where the diff is of a text file. */
  line: z.number().int().nullable(),
  text: z.string(),
});
export type DiffLine = z.infer<typeof diffLineSchema>;

/** What one change will do, as a person reads it. */
export const changePreviewSchema = z.strictObject({
  change: z.string(),
  kind: z.string(),
  title: messageSchema,
  target: z.string(),
  /** Where a link leads, when the target is reached through one. */
  through: z.string().nullable(),
  privilege: z.enum(['user', 'root']),
  reversibility: reversibilitySchema,
  reversibilityReason: messageSchema.nullable(),
  bytes: z.number(),
  /** Programs run by this change, with their arguments, as they will be run. */
  commands: z.array(z.array(z.string())),
  diff: z.array(diffLineSchema),
  /** More facts worth showing ("Debian 13, glibc 2.41-12", number of files …). */
  notes: z.array(messageSchema),
});
export type ChangePreview = z.infer<typeof changePreviewSchema>;

/** A check that runs after the changes; "repaired" is said only when all passed. */
export const verificationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('loader-simulation'),
    title: messageSchema,
    path: absolutePathSchema,
  }),
  z.strictObject({
    kind: z.literal('program-starts'),
    title: messageSchema,
    path: absolutePathSchema,
    args: z.array(z.string()),
    environment: z.record(z.string(), z.string()).default({}),
    timeoutMs: z.number().int().positive(),
  }),
  z.strictObject({
    kind: z.literal('setting-names'),
    title: messageSchema,
    path: absolutePathSchema,
    jsonPath: z.array(z.union([z.string(), z.number()])),
    value: z.string(),
  }),
  z.strictObject({
    /** Users, language and character sets, asked of a sandbox's glibc by its own programs. */
    kind: z.literal('private-glibc'),
    title: messageSchema,
    /** The sandbox's directory. */
    path: absolutePathSchema,
    interpreter: absolutePathSchema,
  }),
]);
export type Verification = z.infer<typeof verificationSchema>;

export const planSchema = z.strictObject({
  schema: z.literal('devmend.plan/1'),
  id: z.string(),
  createdAt: z.string(),
  devmend: z.string(),
  root: z.string(),
  home: z.string(),
  /** Programs that the scan was told of, as far as the plan is about them; left out when none. */
  programs: z.array(absolutePathSchema).max(200).optional(),
  repairs: z.array(
    z.strictObject({
      repair: z.string(),
      finding: z.string(),
      title: messageSchema,
      /** What the person sees as the broken thing ("git"). */
      subject: z.string(),
      /** What was wrong, kept for the history ("GLIBC_2.38 missing"). */
      problem: messageSchema,
      choices: z.record(z.string(), choiceValueSchema),
      /** Ids of the changes that belong to it, in order. */
      changes: z.array(z.string()),
    }),
  ),
  changes: z.array(changeSchema),
  /** What the plan was worked out from; any difference at apply means the plan is stale. */
  reliesOn: z.array(
    z.discriminatedUnion('state', [
      z.strictObject({ path: absolutePathSchema, state: z.literal('file'), sha256: sha256Schema }),
      z.strictObject({ path: absolutePathSchema, state: z.literal('absent') }),
      z.strictObject({ path: absolutePathSchema, state: z.literal('link'), target: z.string() }),
    ]),
  ),
  verifications: z.array(verificationSchema),
  /** Bytes needed on the file system of the data directory. */
  bytes: z.number().nonnegative(),
  seconds: z.number().nonnegative(),
});
export type Plan = z.infer<typeof planSchema>;

/** A plan with what a person needs to decide on it. */
export const planReviewSchema = z.strictObject({
  plan: planSchema,
  previews: z.array(changePreviewSchema),
  needsRoot: z.boolean(),
  freeBytes: z.number().nullable(),
});
export type PlanReview = z.infer<typeof planReviewSchema>;
