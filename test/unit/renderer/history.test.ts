// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { sideOf } from '../../../renderer/features/history/ThreeWay.tsx';
import { openWindow, prepareBrowser } from './window.ts';

vi.mock('../../../renderer/terminal/TerminalView.tsx', () => ({ TerminalView: () => null }));
prepareBrowser();

async function openHistory(name: Parameters<typeof openWindow>[0]) {
  const opened = await openWindow(name);
  await opened.user.click(screen.getByRole('button', { name: 'History' }));
  await screen.findByRole('heading', { level: 1, name: 'History' });
  return opened;
}
const undoAsked = (asked: readonly { name: string; input: unknown }[]) =>
  asked.find((one) => one.name === 'undo.start')?.input;

describe('the history in the window', () => {
  it('A4.10 shows what undo will do before undo can be pressed', async () => {
    const { user, bridge } = await openHistory('git');
    const preview = await screen.findByRole('region', { name: 'What undo will do' });
    expect(within(preview).getByText('Restore one line')).toBeTruthy();
    expect(preview.textContent).toContain('needs GLIBC_2.38, this system has 2.36');
    await user.click(screen.getByRole('button', { name: 'Undo this repair' }));
    await screen.findByText('Undone:');
    expect(undoAsked(bridge.asked)).toEqual({ id: 't-0005', onConflict: 'stop' });
    await screen.findByRole('button', { name: 'Apply again' });
  });

  it('A4.10 takes an undone repair up again', async () => {
    const { user, bridge } = await openHistory('git');
    await user.click(await screen.findByText('Give gopls its own C library'));
    await user.click(await screen.findByRole('button', { name: 'Apply again' }));
    await screen.findByText('Applied again:');
    expect(bridge.asked.some((asked) => asked.name === 'redo.start')).toBe(true);
  });

  it('A3.5 keeps what somebody else changed unless told otherwise', async () => {
    const { user, bridge } = await openHistory('conflict');
    const keep = await screen.findByRole('radio', { name: /Keep the present version/ });
    expect((keep as HTMLInputElement).checked).toBe(true);
    await user.click(screen.getByRole('button', { name: 'Undo 2 repairs' }));
    await screen.findByText('Undone:');
    expect(undoAsked(bridge.asked)).toMatchObject({ onConflict: 'keep' });
  });

  it('A3.5 restores anyway when that is chosen, and shows all three versions when asked', async () => {
    const { user, bridge } = await openHistory('conflict');
    await user.click(await screen.findByRole('button', { name: 'Compare the three versions' }));
    const versions = screen.getByTestId('three-way');
    for (const name of ['Before the repair', 'What Devmend left', 'Now']) {
      expect(within(versions).getByRole('heading', { name })).toBeTruthy();
    }
    expect(within(versions).getByLabelText('Now').textContent).toContain('/usr/bin/git');
    await user.click(screen.getByRole('radio', { name: /Restore the earlier version anyway/ }));
    await user.click(screen.getByRole('button', { name: 'Undo 2 repairs' }));
    await screen.findByText('Undone:');
    expect(undoAsked(bridge.asked)).toMatchObject({ onConflict: 'restore' });
  });

  it('A3.7 names later repairs of the same files before anything runs', async () => {
    await openHistory('conflict');
    await screen.findByText(/A later repair changed the same files and goes back first/);
    expect(screen.getAllByText('Give gopls its own C library').length).toBeGreaterThan(0);
  });

  it('filters by program, state and date', async () => {
    const { user } = await openHistory('git');
    await screen.findByText('Give node its own C library');
    const field = screen.getByRole('searchbox');
    await user.type(field, 'node');
    await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(2));
    await user.clear(field);
    await user.click(screen.getByRole('button', { name: 'Filters' }));
    await user.selectOptions(screen.getByLabelText('State'), 'rolled-back');
    await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(2));
    await waitFor(() =>
      expect(screen.getByTestId('announcer').textContent).toBe('1 of 5 entries matches'),
    );
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));
    await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(6));
    await user.type(field, 'nothing like it');
    await screen.findByText('Nothing matches the filter.');
  });

  it('draws only the rows in view of ten thousand', async () => {
    await openHistory('many');
    const grid = await screen.findByRole('grid');
    expect(grid.getAttribute('aria-rowcount')).toBe('10001');
    await waitFor(() => expect(screen.getAllByRole('row').length).toBeGreaterThan(2));
    expect(screen.getAllByRole('row').length).toBeLessThan(80);
  });

  it('fetches only the stretch in view, and the last one when End is pressed', async () => {
    const { user, bridge, devmend } = await openHistory('many');
    await waitFor(() => expect(screen.getAllByRole('row').length).toBeGreaterThan(2));
    screen.getAllByRole('row')[1]?.focus();
    await user.keyboard('{End}');
    await waitFor(() => expect(devmend.history.store.getState().current).toBe('t-00001'));
    const offsets = bridge.asked
      .filter(({ name }) => name === 'history.list')
      .map(({ input }) => (input as { offset: number }).offset);
    expect(new Set(offsets)).toEqual(new Set([0, 9900]));
  });

  it('A4.10 keeps a repair for good when asked, and saves it as a report', async () => {
    const { user, bridge } = await openHistory('git');
    const pin = await screen.findByRole('button', { name: 'Keep for good' });
    expect(pin.getAttribute('aria-pressed')).toBe('false');
    await user.click(pin);
    await waitFor(() => expect(pin.getAttribute('aria-pressed')).toBe('true'));
    await user.click(screen.getByRole('button', { name: 'Export report (.md)' }));
    await waitFor(() =>
      expect(bridge.asked.find(({ name }) => name === 'history.export')?.input).toEqual({
        id: 't-0005',
        form: 'markdown',
      }),
    );
  });

  it('A3.10 says what new limits would let go, and removes it only when asked twice', async () => {
    const { user, bridge } = await openWindow('git');
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    const field = await screen.findByLabelText('Number of repairs');
    await user.clear(field);
    await user.type(field, '2');
    await screen.findByText(/would let 3 repairs go/);
    await user.click(screen.getByRole('button', { name: 'Save the limits' }));
    await user.click(await screen.findByRole('button', { name: 'Remove 3 repairs…' }));
    expect(bridge.asked.some(({ name }) => name === 'retention.start')).toBe(false);
    await user.click(await screen.findByRole('button', { name: 'Remove 3 repairs for good' }));
    await screen.findByText(/3 repairs removed/);
  });

  it('A4.9 says so when there is nothing yet', async () => {
    await openHistory('first');
    await screen.findByText('No repairs yet');
  });

  it('A4.10 puts an interrupted repair in order with one button', async () => {
    const { user, bridge } = await openWindow('interrupted');
    const banner = await screen.findByRole('alert');
    expect(banner.textContent).toContain('1 of 3 changes were complete');
    await user.click(within(banner).getByRole('button', { name: 'Put back in order' }));
    await screen.findByText(/Everything is back in order/);
    expect(bridge.asked.some((asked) => asked.name === 'recovery.start')).toBe(true);
  });

  it.each(['locked', 'future'] as const)(
    'A3.12 offers no change while the journal is %s',
    async (name) => {
      const { user } = await openWindow(name);
      await user.click(await screen.findByRole('button', { name: 'Review plan for 1 repair' }));
      const apply = await screen.findByRole('button', { name: 'Apply 1 repair' });
      expect((apply as HTMLButtonElement).disabled).toBe(true);
    },
  );

  it('takes one side out of a diff', () => {
    const diff = [
      { sign: ' ', line: 1, text: 'a' },
      { sign: '-', line: 2, text: 'b' },
      { sign: '+', line: 2, text: 'c' },
    ] as const;
    expect(sideOf(diff, 'before')).toEqual(['a', 'b']);
    expect(sideOf(diff, 'after')).toEqual(['a', 'c']);
  });
});
