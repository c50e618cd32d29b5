// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { changedSettings } from '../../../renderer/bridge/scenarios/conflicts.ts';
import { linesAt } from '../../../renderer/features/history/ThreeWay.tsx';
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
    const column = (name: string) => within(versions).getByRole('group', { name }).textContent;
    expect(column('Before the repair')).toContain('Removed: 2   "git.path": "/home/user/opt/git');
    expect(column('What Devmend left')).toContain(
      'Added: 2   "git.path": "/home/user/.local/share',
    );
    expect(column('Now')).toContain('Added: 2   "git.path": "/usr/bin/git"');
    expect(column('Now')).toContain('"window.zoomLevel": 0');
    const since = within(versions).getByRole('group', { name: 'Changed since the repair' });
    expect(since.textContent).toMatch(/Removed: 2 .*programs.*Added: 2 .*\/usr\/bin\/git/);
    await user.click(screen.getByRole('radio', { name: /Restore the earlier version anyway/ }));
    await user.click(screen.getByRole('button', { name: 'Undo 2 repairs' }));
    await screen.findByText('Undone:');
    expect(undoAsked(bridge.asked)).toMatchObject({ onConflict: 'restore' });
  });

  it.each([
    ['~/.profile', 'Missing now', 'Not there.', /Restore .profile/],
    ['~/bin/dlv', 'Changed since', 'Link to /opt/go/bin/dlv.', /Restore dlv/],
    ['~/bin/locked', 'Cannot be read', 'It cannot be read.', /Restore locked/],
    ['~/.local/share/devmend/programs/git-2.47.3-other', 'Changed since', 'Folder with 213', /git/],
    ['fs.inotify.max_user_watches', 'Changed since', '65536', /Set fs.* back to 8192/],
  ])('A3.5 shows three versions of %s', async (target, standing, now, title) => {
    const { user } = await openHistory('conflicts');
    const region = await screen.findByRole('region', { name: 'What undo will do' });
    expect(within(region).getByText('Somebody changed 6 files after the repair')).toBeTruthy();
    const item = within(region)
      .getAllByText(title)
      .map((text) => text.closest('li')?.textContent ?? '');
    expect(item.some((text) => text.includes(standing) && text.includes(target))).toBe(true);
    await user.click(screen.getByRole('button', { name: 'Compare the three versions' }));
    const versions = screen.getByRole('region', { name: target });
    const columns = ['Before the repair', 'What Devmend left', 'Now'].map(
      (name) => within(versions).getByRole('group', { name }).textContent ?? '',
    );
    expect(columns[2]).toContain(now);
    expect(new Set(columns).size).toBe(3);
    for (const text of columns) expect(text).not.toMatch(/threeWay|\{\{|null|undefined/);
  });

  it('A4.12 says all of it in Chinese too', async () => {
    const opened = await openWindow('conflicts', { desktopLanguage: 'zh-CN' });
    await opened.user.click(screen.getByRole('button', { name: '历史记录' }));
    await opened.user.click(await screen.findByRole('button', { name: '比较三个版本' }));
    const versions = screen.getByTestId('three-way').textContent;
    for (const words of [
      '不存在。',
      '指向 /opt/go/bin/dlv 的链接。',
      '无法读取。',
      '文件夹，含 213',
    ])
      expect(versions).toContain(words);
    expect(versions).not.toMatch(/Before|Folder|Link to|threeWay/);
  });

  it('A3.7 names later repairs of the same files before anything runs', async () => {
    await openHistory('conflict');
    await screen.findByText(/A later repair builds on this one and goes back first/);
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
    await screen.findByText('Repairs: a whole number from 1 to 1,000,000.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const days = screen.getByLabelText('Number of days');
    await user.clear(days);
    await user.type(days, '36501');
    await screen.findByText('Days: a whole number from 1 to 36,500.');
    await user.clear(days);
    await user.type(days, '365');
    await user.type(field, '2');
    await screen.findByText(/would let 3 repairs go/);
    expect(field.getAttribute('aria-invalid')).toBe('false');
    const save = screen.getByRole('button', { name: 'Save the limits' });
    await user.click(save);
    const remove = () => screen.findByRole('button', { name: 'Remove 3 repairs…' });
    await user.click(await remove());
    // The focus is never nowhere, and never first on what cannot be taken back.
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Keep them'));
    await user.keyboard('{Enter}');
    const again = await remove();
    await waitFor(() => expect(document.activeElement).toBe(again));
    await user.keyboard('{Enter}');
    expect(bridge.asked.some(({ name }) => name === 'retention.start')).toBe(false);
    await user.click(await screen.findByRole('button', { name: 'Remove 3 repairs for good' }));
    const done = await screen.findByText(/3 repairs removed/);
    expect(document.activeElement).toBe(done);
  });

  it('A3.10 asks what new limits would free when the number has been typed, and keeps the focus', async () => {
    const { user, bridge } = await openWindow('git');
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    const field = await screen.findByLabelText('Number of days');
    await screen.findByText(/Nothing would go/);
    const limits = () =>
      bridge.asked
        .filter(({ name }) => name === 'retention.preview')
        .map(({ input }) => (input as { limits: { days: number } }).limits.days);
    expect(limits()).toEqual([365]);
    fireEvent.change(field, { target: { value: '1' } });
    fireEvent.change(field, { target: { value: '12' } });
    fireEvent.change(field, { target: { value: '120' } });
    await waitFor(() => expect(limits()).toEqual([365, 120]));
    const save = screen.getByRole('button', { name: 'Save the limits' });
    save.focus();
    await user.keyboard('{Enter}');
    await waitFor(() =>
      expect(screen.getByTestId('announcer').textContent).toBe('The limits are saved.'),
    );
    expect(document.activeElement).toBe(save);
  });

  it('A4.9 says so when there is nothing yet', async () => {
    await openHistory('first');
    await screen.findByText('No repairs yet');
  });

  it('A4.10 puts an interrupted repair in order with one button', async () => {
    const { user, bridge } = await openWindow('interrupted');
    const banner = await screen.findByRole('alert');
    expect(banner.textContent).toContain('1 of 3 changes were complete');
    expect(screen.queryByText('Nothing has been changed yet.')).toBeNull();
    screen.getByText('Some changes may be half done until this is put in order.');
    await user.click(within(banner).getByRole('button', { name: 'Put back in order' }));
    await screen.findByText(/Everything is back in order/);
    screen.getByText('Nothing has been changed yet.');
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

  it('shows the stretch around a change where the text is too long to show whole', () => {
    const { since, repaired, ...versions } = changedSettings;
    const long = { ...versions.now, text: null };
    const lines = linesAt('now', { ...versions, repaired, since, now: long }, []);
    expect(lines.map(({ sign, line }) => [sign, line])).toEqual([['+', 2]]);
  });

  it('shows what the repair said that it would do where nothing else is kept of it', () => {
    const made = [{ sign: '+', line: 7, text: 'made' }] as const;
    const left = { ...changedSettings.left, text: null };
    expect(linesAt('left', { ...changedSettings, repaired: [], left }, made)).toEqual(made);
  });
});
