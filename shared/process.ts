import * as z from 'zod';
import { messageSchema } from './message.ts';

/** Where a process lives: what stands between it and this system's files. */
export const processContextSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('host') }),
  z.strictObject({
    kind: z.literal('container'),
    /** `docker`, `podman`, `lxc`, `containerd`, `systemd-nspawn`, `kubernetes` …; null when not told. */
    runtime: z.string().nullable(),
    id: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('chroot'), root: z.string() }),
  z.strictObject({ kind: z.literal('flatpak'), app: z.string().nullable() }),
  z.strictObject({ kind: z.literal('snap'), app: z.string().nullable() }),
  /** On the host, with Devmend's (or another's) private C library mapped. */
  z.strictObject({ kind: z.literal('private-libc'), directory: z.string() }),
]);
export type ProcessContext = z.infer<typeof processContextSchema>;

/** The C library that a process really has mapped, by its mapping and not by a path. */
export const mappedLibcSchema = z.strictObject({
  kind: z.enum(['glibc', 'musl', 'static']),
  /** As the kernel names the mapping, inside the process's own root; null for static programs. */
  path: z.string().nullable(),
  /** Highest GLIBC_ version the mapped file defines, or musl's version; null when unreadable. */
  version: z.string().nullable(),
  /** The release sentence in the file ("Debian GLIBC 2.36-9+deb12u14"), without line breaks. */
  release: z.string().nullable(),
  /** NT_GNU_BUILD_ID in hexadecimal. */
  buildId: z.string().nullable(),
  /** The file was replaced or removed since the process started. */
  deleted: z.boolean(),
});
export type MappedLibc = z.infer<typeof mappedLibcSchema>;

export const processSchema = z.strictObject({
  pid: z.number().int(),
  parent: z.number().int(),
  name: z.string(),
  /** Program and arguments with secrets blanked; null where not permitted. */
  command: z.string().nullable(),
  user: z.strictObject({ uid: z.number(), name: z.string().nullable() }),
  startedAt: z.string().nullable(),
  role: z.enum([
    'editor',
    'server',
    'extension-host',
    'terminal-host',
    'file-watcher',
    'terminal',
    'gopls',
    'dlv',
    'go',
    'go-program',
    'search',
    'devmend',
    'other',
  ]),
  /** Pid of the editor's first process that this one belongs to. */
  editor: z.number().int().nullable(),
  executable: z.strictObject({ path: z.string(), deleted: z.boolean() }).nullable(),
  /** Null where `status` is not `read`. */
  context: processContextSchema.nullable(),
  libc: mappedLibcSchema.nullable(),
  /** Mapped files that are no longer what lies at their path: restart to use the new ones. */
  replaced: z.array(
    z.strictObject({
      path: z.string(),
      /** Nothing at the path now; another file; the same file, written to since the start. */
      reason: z.enum(['deleted', 'replaced', 'rewritten']),
    }),
  ),
  /**
   * LD_ variables that the process was started with and that change what it loads; null where it
   * wrote over them (Chromium does), so that nobody can tell.
   */
  environment: z.record(z.string(), z.string()).nullable(),
  status: z.enum(['read', 'partial', 'not-permitted', 'gone']),
  problems: z.array(messageSchema),
});
export type ProcessFacts = z.infer<typeof processSchema>;

/** What `devmend processes --json` says (schema `devmend.processes/1`). */
export const processReportSchema = z.strictObject({
  schema: z.literal('devmend.processes/1'),
  takenAt: z.string(),
  /** Relevant processes, editors first, each followed by what it started. */
  processes: z.array(processSchema),
  /** How many processes could not be looked into without root. */
  notPermitted: z.number().int().nonnegative(),
  /** The command that looks into all of them, as an explicit step; null when nothing is hidden. */
  asRoot: z.string().nullable(),
  /** The C library on disk that a process started now would get. */
  system: z.strictObject({ version: z.string().nullable(), buildId: z.string().nullable() }),
});
export type ProcessReport = z.infer<typeof processReportSchema>;
