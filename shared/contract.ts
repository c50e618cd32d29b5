import * as z from 'zod';
import { isWithinLimits } from './answer-limits.ts';
import { componentReportSchema } from './component.ts';
import { dependencyReportSchema } from './elf.ts';
import type { ErrorData } from './error.ts';
import { scanReportSchema, choiceValueSchema } from './finding.ts';
import {
  historyPageSchema,
  historyQuerySchema,
  recoveryStatusSchema,
  retentionLimitsSchema,
  retentionOutcomeSchema,
  retentionPreviewSchema,
  transactionDetailSchema,
  transactionOutcomeSchema,
  transactionSummarySchema,
  undoPreviewSchema,
} from './history.ts';
import { knownProgramSchema } from './inspection.ts';
import { libcChangeReportSchema } from './libc-change.ts';
import { matrixReportSchema } from './matrix.ts';
import { planReviewSchema } from './plan.ts';
import { processReportSchema } from './process.ts';
import { settingsSchema } from './settings.ts';
import { traceReportSchema } from './trace.ts';

function call<Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) {
  return { kind: 'call', input, output: output.refine(isWithinLimits) } as const;
}
function stream<Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) {
  return { kind: 'stream', input, output: output.refine(isWithinLimits) } as const;
}
const nothing = z.strictObject({});
const id = z.string().min(1).max(200);

export const appInfoSchema = z.strictObject({
  version: z.string(),
  /** Resolved UI language, from the setting or the desktop. */
  language: z.enum(['en', 'zh-CN']),
  /** Why repairs that need root are off; null when they are possible. */
  privilegedRepairs: z.enum(['available', 'no-sandbox', 'no-helper']),
  /** True where the runtime is the development one (see docs/architecture.md). */
  developmentRuntime: z.boolean(),
  home: z.string(),
});
export type AppInfo = z.infer<typeof appInfoSchema>;

/** Addresses that the window may ask to open, by id. */
export const links = {
  documentation: 'https://github.com/devmend/devmend#readme',
  'report-problem': 'https://github.com/devmend/devmend/issues',
} as const;
export const linkIdSchema = z.enum(
  Object.keys(links) as [keyof typeof links, ...(keyof typeof links)[]],
);

/**
 * Every call that crosses between window and main process. Types, preload
 * bridge, registrar, browser fake and contract tests derive from this object.
 * No entry takes a command, a shell string or a path to write to.
 */
export const contract = {
  'app.info': call(nothing, appInfoSchema),
  'app.openLink': call(z.strictObject({ link: linkIdSchema }), nothing),
  'settings.get': call(nothing, settingsSchema),
  'settings.set': call(
    z.strictObject({
      language: settingsSchema.shape.language.removeDefault().optional(),
      theme: settingsSchema.shape.theme.removeDefault().optional(),
      retention: retentionLimitsSchema.optional(),
    }),
    settingsSchema,
  ),
  /** Opens the desktop's file dialog; the window never names a path. */
  'programs.choose': call(
    nothing,
    z.strictObject({ path: z.string().nullable(), settings: settingsSchema }),
  ),
  'programs.remove': call(z.strictObject({ path: z.string().max(4096) }), settingsSchema),
  'findings.dismiss': call(z.strictObject({ id, dismissed: z.boolean() }), settingsSchema),
  'scan.last': call(nothing, z.strictObject({ report: scanReportSchema.nullable() })),
  'scan.start': stream(nothing, scanReportSchema),
  'plan.start': stream(
    z.strictObject({
      requests: z
        .array(
          z.strictObject({
            finding: id,
            repair: id,
            choices: z.record(z.string().max(64), choiceValueSchema),
          }),
        )
        .min(1)
        .max(200),
    }),
    planReviewSchema,
  ),
  /** Opens a save dialog for a plan made in this session. */
  'plan.save': call(z.strictObject({ plan: id }), z.strictObject({ saved: z.boolean() })),
  /** Applies a plan made in this session, by id: the window cannot mint one. */
  'repair.start': stream(z.strictObject({ plan: id }), transactionOutcomeSchema),
  'history.list': call(historyQuerySchema, historyPageSchema),
  /** Keeps a repair in the history for good, or no longer. */
  'history.pin': call(z.strictObject({ id, pinned: z.boolean() }), transactionSummarySchema),
  /** Saves one entry as a report to pass on, through a save dialog. */
  'history.export': call(
    z.strictObject({ id, form: z.enum(['markdown', 'json']) }),
    z.strictObject({ saved: z.boolean() }),
  ),
  /** What the given limits would let go; the settings' own when left out. */
  'retention.preview': call(
    z.strictObject({ limits: retentionLimitsSchema.optional() }),
    retentionPreviewSchema,
  ),
  /** Lets it go: by the limits in the settings, and nothing but what was shown. */
  'retention.start': stream(
    z.strictObject({ expected: z.array(id).max(100_000) }),
    retentionOutcomeSchema,
  ),
  'history.show': call(z.strictObject({ id }), transactionDetailSchema),
  'history.undoPreview': call(z.strictObject({ id }), undoPreviewSchema),
  'undo.start': stream(
    z.strictObject({ id, onConflict: z.enum(['stop', 'keep', 'restore']) }),
    transactionOutcomeSchema,
  ),
  'redo.start': stream(z.strictObject({ id }), transactionOutcomeSchema),
  'recovery.status': call(nothing, recoveryStatusSchema),
  'recovery.start': stream(
    nothing,
    z.strictObject({ outcomes: z.array(transactionOutcomeSchema) }),
  ),
  /** Programs and modules of the last scan; empty before the first one. */
  'programs.list': call(nothing, z.strictObject({ programs: z.array(knownProgramSchema) })),
  /** What the loader would do with one of them, worked out afresh. */
  'dependencies.show': call(z.strictObject({ id }), dependencyReportSchema),
  /** From the last scan; null before the first one. */
  'components.show': call(nothing, z.strictObject({ report: componentReportSchema.nullable() })),
  /** Looks into the running processes now. */
  'processes.show': call(nothing, processReportSchema),
  /** From the last scan; null before the first one. */
  'matrix.show': call(nothing, z.strictObject({ report: matrixReportSchema.nullable() })),
  /**
   * Asks for a .deb or a directory in the desktop's dialog, and works out what that
   * glibc would change. Null when the person thought better of it.
   */
  'upgrade.start': stream(
    z.strictObject({ target: z.enum(['package', 'directory']) }),
    z.strictObject({ report: libcChangeReportSchema.nullable() }),
  ),
  /** Runs one of `programs.list` under strace; asking for it is the consent. */
  'trace.start': stream(
    z.strictObject({ id, arguments: z.enum(['none', 'version']) }),
    traceReportSchema,
  ),
  'job.cancel': call(z.strictObject({ job: id }), nothing),
  /** Saves what the terminal shows, through a save dialog. */
  'terminal.save': call(
    z.strictObject({ text: z.string().max(5_000_000) }),
    z.strictObject({ saved: z.boolean() }),
  ),
} as const;

export type Contract = typeof contract;
export type ChannelName = keyof Contract;
export type CallName = {
  [N in ChannelName]: Contract[N]['kind'] extends 'call' ? N : never;
}[ChannelName];
export type StreamName = {
  [N in ChannelName]: Contract[N]['kind'] extends 'stream' ? N : never;
}[ChannelName];
export type InputOf<N extends ChannelName> = z.input<Contract[N]['input']>;
export type OutputOf<N extends ChannelName> = z.output<Contract[N]['output']>;

/** What every call answers. */
export type Envelope<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly error: ErrorData };

/** Largest message accepted from the window, in characters of its JSON. */
export const MESSAGE_LIMIT = 6_000_000;
