import * as z from 'zod';
import { foundBySchema } from './elf.ts';
import { messageSchema } from './message.ts';
import { probeProblemSchema } from './probe-problem.ts';
import { programReferenceSchema, probeStatusSchema } from './snapshot.ts';

export const severitySchema = z.enum(['error', 'warning', 'info']);
export type Severity = z.infer<typeof severitySchema>;

/** One object on the way from a program to the link that breaks. */
export const chainHopSchema = z.strictObject({
  name: z.string(),
  path: z.string().nullable(),
  foundBy: foundBySchema.nullable(),
  state: z.enum(['ok', 'broken']),
});
export type ChainHop = z.infer<typeof chainHopSchema>;

/** What a finding rests on. Each kind is drawn in its own way. */
export const evidenceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('version-chain'),
    hops: z.array(chainHopSchema).min(2),
    library: z.string(),
    version: z.string(),
    weak: z.boolean(),
    symbols: z.array(z.string()),
    /** Highest version of the family that the library does define, if it has numbers. */
    present: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('missing-chain'),
    hops: z.array(chainHopSchema).min(2),
    soname: z.string(),
    searched: z.array(z.string()),
  }),
  z.strictObject({ kind: z.literal('reference'), reference: programReferenceSchema }),
  z.strictObject({
    kind: z.literal('measured'),
    label: messageSchema,
    value: z.string(),
    at: z.string(),
  }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;

export const choiceValueSchema = z.string().max(4096);
/** One decision a repair leaves to the person, with a default that needs no thought. */
export const choiceSchema = z.strictObject({
  key: z.string(),
  label: messageSchema,
  default: z.string(),
  options: z
    .array(
      z.strictObject({ value: z.string(), label: messageSchema, note: messageSchema.nullable() }),
    )
    .nullable(),
});
export type Choice = z.infer<typeof choiceSchema>;

export const reversibilitySchema = z.enum(['full', 'partial', 'none']);
export type Reversibility = z.infer<typeof reversibilitySchema>;

export const offeredRepairSchema = z.strictObject({
  repair: z.string(),
  title: messageSchema,
  description: messageSchema,
  recommended: z.boolean(),
  reversibility: reversibilitySchema,
  choices: z.array(choiceSchema),
  /** Why it is offered but cannot be done for this finding; null when it can. */
  refused: messageSchema.nullable(),
});
export type OfferedRepair = z.infer<typeof offeredRepairSchema>;

export const findingSchema = z.strictObject({
  /** `<check>:<short hash>`; the same fact has the same id on every scan. */
  id: z.string(),
  check: z.string(),
  severity: severitySchema,
  /** One line for the list ("git does not start"). */
  title: messageSchema,
  /** Second line of the list ("needs GLIBC_2.38, this system has 2.36"). */
  summary: messageSchema,
  /** The heading of the detail ("git does not start: the C library is too old for it"). */
  headline: messageSchema,
  /** What it means for the person. */
  impact: messageSchema,
  evidence: z.array(evidenceSchema),
  /** Paths this concerns; the program first. */
  affected: z.array(z.string()),
  repairs: z.array(offeredRepairSchema),
});
export type Finding = z.infer<typeof findingSchema>;

/** A check, or a part of one, that has no answer. Never shown as fine. */
export const uncheckedSchema = z.strictObject({
  id: z.string(),
  check: z.string(),
  title: messageSchema,
  reason: messageSchema,
  problem: probeProblemSchema.nullable(),
});
export type Unchecked = z.infer<typeof uncheckedSchema>;

/** A scan's outcome as window and terminal show it. */
export const scanReportSchema = z.strictObject({
  takenAt: z.string(),
  machine: z.strictObject({
    distribution: z.string().nullable(),
    kernel: z.string().nullable(),
    architecture: z.string(),
    /** Kind and version: `glibc 2.36`. */
    libc: z.string().nullable(),
    /** Highest GLIBCXX version: `3.4.30`. */
    libstdcxx: z.string().nullable(),
    editors: z.array(
      z.strictObject({ name: z.string(), version: z.string(), directory: z.string() }),
    ),
    /** Version without the prefix: `1.24.4`. */
    go: z.string().nullable(),
    root: z.string(),
    home: z.string(),
    user: z.string(),
  }),
  probes: z.array(
    z.strictObject({
      id: z.string(),
      status: probeStatusSchema,
      reason: z.string().nullable(),
      ms: z.number(),
    }),
  ),
  findings: z.array(findingSchema),
  unchecked: z.array(uncheckedSchema),
  /** Check id and the number of things it looked at and found fine. */
  passed: z.array(
    z.strictObject({ check: z.string(), title: messageSchema, examined: z.number() }),
  ),
});
export type ScanReport = z.infer<typeof scanReportSchema>;
