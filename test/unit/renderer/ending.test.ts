import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../renderer/features/done/ending.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';

const outcome: TransactionOutcome = {
  id: 'id',
  status: 'rolled-back',
  title: message('repair.sandbox.title', { program: 'git' }),
  verifications: [],
  failure: { code: 'verification-failed', params: {}, correlationId: '' },
  durationMs: 1,
  kept: [],
};

describe('how a repair ended, in the window', () => {
  it('says that all is as before only where nothing was left', () => {
    expect(endingOf(outcome, null)).toBe('rolled-back');
    const stopped = { ...outcome, failure: { code: 'cancelled', params: {}, correlationId: '' } };
    expect(endingOf(stopped as TransactionOutcome, null)).toBe('stopped');
    for (const each of [outcome, stopped as TransactionOutcome])
      expect(endingOf({ ...each, kept: ['/a'] }, null)).toBe('incomplete');
    const reason = message('journal.unrestored.gone', { path: '/a' });
    const unrestored = [{ target: '/a', reason }];
    expect(endingOf({ ...outcome, unrestored }, null)).toBe('incomplete');
  });
});
