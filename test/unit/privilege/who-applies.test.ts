import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../shared/plan.ts';
import { privilegedRepairs, whoApplies } from '../../../electron/privilege/who-applies.ts';

function plan(...privileges: readonly ('user' | 'root')[]): Plan {
  return {
    changes: privileges.map((privilege, index) => ({
      kind: 'remove-tree',
      privilege,
      path: `/target/${index}`,
    })),
  } as unknown as Plan;
}

describe('a plan', () => {
  it('of the user’s own changes is applied by this process', () => {
    expect(whoApplies(plan('user', 'user'))).toEqual({ ok: true, value: 'this-process' });
  });

  it('with a change that needs root is refused, naming the first one', () => {
    expect(whoApplies(plan('user', 'root', 'root'))).toMatchObject({
      ok: false,
      error: { code: 'needs-root', params: { target: '/target/1' } },
    });
  });
});

describe('A1.7 repairs that need root', () => {
  it('are off without Chromium’s sandbox, whatever else there is', () => {
    expect(privilegedRepairs(['devmend', '--no-sandbox'])).toBe('no-sandbox');
    expect(privilegedRepairs(['devmend'])).toBe('no-helper');
  });
});
