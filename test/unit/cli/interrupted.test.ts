import { describe, expect, it } from 'vitest';
import { renderInterrupted } from '../../../electron/cli/render/interrupted.ts';
import { view } from './fixtures.ts';

const known = (...states: readonly ('done' | 'begun' | 'waiting')[]) => ({
  id: '20261123T140212.851Z',
  at: '2026-11-23T14:02:12.897Z',
  title: { key: 'repair.sandbox.title', params: { program: 'git' } },
  done: states.filter((state) => state === 'done').length,
  total: states.length,
  changes: states.map((state, index) => ({
    title: { key: 'repair.sandbox.change.copy', params: { program: 'git' } },
    target: `/home/user/${state}/${index}`,
    state,
  })),
});

describe('A4.10 an interrupted repair in the terminal', () => {
  it('says which program, when, what was done and what was under way, and the command', () => {
    const lines = renderInterrupted(
      view({ columns: 200 }),
      [known('done', 'begun', 'waiting')],
      'devmend',
    ).join('\n');
    expect(lines).toContain('1 repair was interrupted. "devmend recover"');
    expect(lines).toMatch(/2026.*Give git its own C library \(1\/3\)/);
    expect(lines).toContain('Done: Point a copy of git to it (/home/user/done/0)');
    expect(lines).toContain('Under way: Point a copy of git to it (/home/user/begun/1)');
    expect(lines).not.toContain('waiting');
  });

  it('says so when nothing had been changed', () => {
    const lines = renderInterrupted(view(), [known('waiting')], 'devmend').join('\n');
    expect(lines).toContain('Nothing had been changed yet.');
  });
});
