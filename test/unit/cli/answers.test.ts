import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { answerDocument } from '../../../electron/cli/documents.ts';
import { isYes } from '../../../electron/cli/confirm.ts';
import { desktopCommand } from '../../../electron/cli/desktop.ts';
import { statusOfError, statusOfOutcome } from '../../../electron/cli/exit-status.ts';
import { parseChoices } from '../../../electron/cli/choices.ts';
import { findFinding } from '../../../electron/cli/find-finding.ts';
import { usageProblem } from '../../../electron/cli/usage.ts';
import { parseFindingsInput, parseNumber, stepLine } from '../../../electron/cli/wizard/steps.ts';
import { errorCodes, type ErrorCode, type ErrorData } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { report, view } from './fixtures.ts';

const outcome = (part: Partial<TransactionOutcome>): TransactionOutcome => ({
  id: 't',
  status: 'verified',
  title: { key: 'x', params: {} },
  verifications: [],
  failure: null,
  durationMs: 1,
  kept: [],
  ...part,
});
const failure = (code: ErrorCode): ErrorData => ({ code, params: {}, correlationId: '' });

describe('exit status', () => {
  it('is one of the documented ones for every error code', () => {
    for (const code of errorCodes)
      expect([2, 3, 4, 5, 130]).toContain(statusOfError(failure(code)));
  });

  it.each([
    ['conflict', 4],
    ['plan-stale', 4],
    ['locked', 4],
    ['not-authorised', 5],
    ['cancelled', 130],
    ['trial-run-failed', 3],
    ['finding-not-found', 2],
  ] as const)('of %s is %i', (code, status) => {
    expect(statusOfError(failure(code))).toBe(status);
  });

  it('of a transaction is 0 only when it did what was asked', () => {
    expect(statusOfOutcome(outcome({}))).toBe(0);
    expect(statusOfOutcome(outcome({ status: 'undone' }))).toBe(0);
    expect(statusOfOutcome(outcome({ status: 'rolled-back', failure: failure('not-elf') }))).toBe(
      3,
    );
    expect(statusOfOutcome(outcome({ status: 'rolled-back', failure: failure('cancelled') }))).toBe(
      130,
    );
    expect(statusOfOutcome(outcome({ status: 'conflict', failure: failure('conflict') }))).toBe(4);
    expect(statusOfOutcome(outcome({ status: 'interrupted' }))).toBe(3);
  });
});

describe('a document for programs', () => {
  it('has English words where the engine has messages, and a sentence beside every code', () => {
    const document = answerDocument('outcome', {
      title: { key: 'cli.verdict.starts', params: {} },
      failure: failure('cancelled'),
      list: [{ reason: { key: 'cli.plan.changes', params: { count: 2 } } }],
      choice: { key: 'use', label: { key: 'cli.step.done', params: {} }, params: 3, more: 1 },
    });
    expect(document).toEqual({
      schema: 'devmend.outcome/1',
      title: 'starts',
      failure: { code: 'cancelled', params: {}, message: expect.stringContaining('Stopped') },
      list: [{ reason: '2 changes' }],
      choice: { key: 'use', label: 'done', params: 3, more: 1 },
    });
  });
});

describe('a finding is named', () => {
  it('by its id, or by an unambiguous beginning of id or hash', () => {
    for (const id of ['library-missing:9f8e7d6c', 'lib', '9f8']) {
      const found = findFinding(report, id);
      expect(found.ok && found.value.check).toBe('library-missing');
    }
  });

  it('not by what fits several, none, or nothing', () => {
    const twice = {
      ...report,
      findings: [
        ...report.findings,
        { ...report.findings[0]!, id: 'glibc-version-missing:0a1b0000' },
      ],
    };
    const several = findFinding(twice, 'glibc');
    expect(!several.ok && several.error.code).toBe('finding-ambiguous');
    for (const id of ['', 'nothing-like-it']) {
      const none = findFinding(report, id);
      expect(!none.ok && none.error.code).toBe('finding-not-found');
    }
  });
});

describe('arguments', () => {
  it('take choices as KEY=VALUE, the value with whatever it contains', () => {
    expect(parseChoices(['use=copy', 'source=dir?a=b', 'use=in-place'])).toEqual({
      ok: true,
      value: { use: 'in-place', source: 'dir?a=b' },
    });
    expect(parseChoices(['=x']).ok).toBe(false);
    expect(parseChoices(['use']).ok).toBe(false);
  });

  it('that are wrong get a sentence of Devmend’s own, in the reader’s language', () => {
    const error = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--foo'");
    expect(usageProblem(error, view()).params['detail']).toBe('there is no option --foo');
    expect(usageProblem(error, view({ language: 'zh-CN' })).params['detail']).toBe(
      '没有选项 --foo',
    );
  });

  it('yes is yes in both languages, and everything else is no', () => {
    expect(['y', 'Y ', 'yes', '是'].map(isYes)).toEqual([true, true, true, true]);
    expect(['', 'n', 'yep', '1', 'no'].some(isYes)).toBe(false);
  });
});

describe('the wizard reads', () => {
  it.each([
    ['', { kind: 'again' }],
    ['2, 1 2', { kind: 'repair', numbers: [2, 1] }],
    ['3', { kind: 'unclear', text: '3' }],
    ['0', { kind: 'unclear', text: '0' }],
    ['A', { kind: 'all' }],
    ['e 2', { kind: 'explain', number: 2 }],
    ['e9', { kind: 'unclear', text: 'e9' }],
    ['+ /opt/my program', { kind: 'add', path: '/opt/my program' }],
    [' q ', { kind: 'leave' }],
    ['constructor', { kind: 'unclear', text: 'constructor' }],
  ])('%j', (typed, expected) => {
    expect(parseFindingsInput(typed, 2)).toEqual(expected);
  });

  it('numbers of a list, and nothing outside it', () => {
    expect(['1', ' 3 ', '4', '', 'x', '-1'].map((typed) => parseNumber(typed, 3))).toEqual([
      1,
      3,
      null,
      null,
      null,
      null,
    ]);
  });

  it('and marks the current step by more than colour', () => {
    expect(stepLine(view(), 'plan')).toBe('+ Scan > + Findings > [3 Plan] > 4 Repair > 5 Done');
  });
});

describe('the window', () => {
  it('is started only beside a packaged app, with a display, and never as root', () => {
    expect(desktopCommand(process.execPath, { DISPLAY: ':0' }, 1000)).toBeNull();
    expect(desktopCommand('/proc/self/exe', {}, 1000)).toBeNull();
    expect(desktopCommand('/proc/self/exe', { DISPLAY: ':0' }, 0)).toBeNull();
  });
});
