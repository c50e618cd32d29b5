// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { openWindow, prepareBrowser } from './window.ts';

// xterm draws on a canvas, which jsdom has not; the transcript behind it is tested on its own.
vi.mock('../../../renderer/terminal/TerminalView.tsx', () => ({ TerminalView: () => null }));
prepareBrowser();

const button = (name: string | RegExp) => screen.findByRole('button', { name });
const heading = (name: string | RegExp) => screen.findByRole('heading', { level: 1, name });
const currentStep = () =>
  within(screen.getByRole('navigation', { name: 'Steps of the repair' }))
    .getAllByRole('listitem')
    .filter((item) => item.getAttribute('aria-current') === 'step')
    .map((item) => item.textContent);

describe('the wizard in the window', () => {
  it('A4.9 begins with a first start that says what a scan does', async () => {
    await openWindow('first');
    await heading('Find out what is broken');
    expect(screen.getByText(/Runs none of the programs/)).toBeTruthy();
    expect(currentStep()).toEqual(['1Scan']);
  });

  it('A4.1 goes from scan to proof, with the current step marked and the heading focused', async () => {
    const { user, bridge } = await openWindow('first');
    await user.click(await button('Scan this machine'));
    const found = await heading('git does not start: the C library is too old for it');
    await waitFor(() => expect(document.activeElement).toBe(found));
    expect(currentStep()).toEqual(['2Findings']);
    expect(screen.getByTestId('announcer').textContent).toBe('Step 2 of 5: Findings');

    await user.click(await button('Review plan for 1 repair'));
    await heading('1 repair, 3 changes');
    await user.click(await button('Apply 1 repair'));
    await heading('1 repair done and proven');
    expect(screen.getByText('git version 2.47.3')).toBeTruthy();
    expect(bridge.asked.map((asked) => asked.name)).toContain('repair.start');
  });

  it('A4.11 can be walked by keyboard alone, to the repair and back', async () => {
    const { user } = await openWindow('git');
    await heading(/git does not start/);
    const press = async (name: string | RegExp) => {
      const target = await button(name);
      for (let tabs = 0; tabs < 60 && document.activeElement !== target; tabs += 1)
        await user.tab();
      expect(document.activeElement).toBe(target);
      await user.keyboard('{Enter}');
    };
    await press('Review plan for 1 repair');
    await heading('1 repair, 3 changes');
    await press('Apply 1 repair');
    await heading('1 repair done and proven');
    await press('Show in History');
    await press('Undo this repair');
    await screen.findByText('Undone:');
  });

  it('walks the findings with the arrow keys; the detail follows', async () => {
    const { user } = await openWindow('git');
    await heading(/git does not start/);
    (await button(/Problem git does not start/)).focus();
    await user.keyboard('{ArrowDown}');
    await heading(/dlv does not start/);
    await user.keyboard('{End}');
    await heading('Settings of VSCodium');
    expect(screen.getByText(/does not mean that it is fine/)).toBeTruthy();
  });

  it('A4.2 shows the evidence: chain, symbols, version, and where the program is named', async () => {
    await openWindow('git');
    await heading(/git does not start/);
    const chain = screen.getByRole('list', { name: 'The way from git to what is missing' });
    expect(within(chain).getAllByRole('listitem')).toHaveLength(3);
    expect(chain.textContent).toContain('lacks GLIBC_2.38');
    expect(chain.textContent).toContain('set as git.path, settings.json:14');
    expect(screen.getByText(/__isoc23_strtol/)).toBeTruthy();
    expect(screen.getByText('~/.config/Code/User/settings.json:14')).toBeTruthy();
  });

  it('does not say of a repair that is refused that it can be undone', async () => {
    const { user } = await openWindow('git');
    const offered = await screen.findByTestId('repair-glibc-sandbox');
    expect(offered.textContent).toContain('Can be undone');
    await user.click(await button(/gopls may stop while it runs/));
    const refused = await screen.findByTestId('repair-glibc-sandbox-shared');
    expect(refused.textContent).not.toContain('Can be undone');
  });

  it('draws the link that breaks as the finding is: a warning as a warning', async () => {
    const { user } = await openWindow('git');
    await user.click(await button(/gopls may stop while it runs/));
    const chain = await screen.findByRole('list', { name: /The way from gopls/ });
    expect(chain.textContent).toContain('lacks the optional GLIBC_2.37');
    expect(chain.querySelector('.hop.broken.weak .icon .icon-warn')).not.toBeNull();
    expect(chain.querySelector('.icon-error')).toBeNull();
  });

  it('A4.2 puts a finding away for good, and brings it back', async () => {
    const { user, bridge } = await openWindow('git');
    await heading(/git does not start/);
    await user.click(await button('Do not show this again'));
    await heading(/dlv does not start/);
    await user.click(screen.getByText('1 not shown'));
    await user.click(await button('Bring back: git does not start'));
    await button(/Problem git does not start/);
    expect(bridge.asked.filter((asked) => asked.name === 'findings.dismiss')).toHaveLength(2);
  });

  it('sends the choices that differ from the defaults, and no others', async () => {
    const { user, bridge } = await openWindow('git');
    await heading(/git does not start/);
    await user.click(screen.getByRole('radio', { name: /The program itself/ }));
    await user.type(screen.getByRole('textbox', { name: /Release/, hidden: true }), 'trixie');
    await user.click(await button('Review plan for 1 repair'));
    await heading('1 repair, 3 changes');
    expect(bridge.asked.find((asked) => asked.name === 'plan.start')?.input).toMatchObject({
      requests: [{ repair: 'glibc-sandbox', choices: { use: 'in-place', release: 'trixie' } }],
    });
  });

  it('A4.5 names verb and number, and gives the danger no first focus', async () => {
    const { user } = await openWindow('git');
    await heading(/git does not start/);
    await user.click(
      screen.getByRole('checkbox', { name: 'Repair: gopls may stop while it runs' }),
    );
    await user.click(await button('Review plan for 2 repairs'));
    await button('Apply 2 repairs');
    await user.click(screen.getByRole('button', { name: 'History' }));
    await button('Undo this repair');
    expect(document.activeElement?.textContent).toBe('History');
  });

  it('A4.4 lists every line with a sign and a word, and every command', async () => {
    const { user } = await openWindow('git');
    await user.click(await button('Review plan for 1 repair'));
    await heading('1 repair, 3 changes');
    const diff = screen.getByRole('group', {
      name: 'Lines that change: Change the settings of VS Code',
    });
    expect(diff.textContent).toMatch(/− Removed: 14 {3}"git\.path": "\/home\/user\/opt/);
    expect(diff.textContent).toMatch(/\+ Added: 14/);
    expect(screen.getByText(/--set-interpreter/)).toBeTruthy();
    expect(screen.getByText('Follows a link')).toBeTruthy();
  });

  it('A4.8 says what, why and what next when a repair fails, and keeps the code under Details', async () => {
    const { user } = await openWindow('failure');
    await user.click(await button('Review plan for 1 repair'));
    await user.click(await button('Apply 1 repair'));
    await heading('The repair did not work, and was taken back');
    expect(screen.getByText(/The trial run of git failed/)).toBeTruthy();
    expect(screen.getByText('trial-run-failed').closest('details')?.open).toBe(false);
    // The terminal opens by itself.
    await button('Hide');
    const terminal = await screen.findByRole('log', { name: 'Terminal output' });
    await waitFor(() => expect(terminal.textContent).toMatch(/\$ patchelf --force-rpath/));
    expect(terminal.textContent).toContain('Segmentation fault');
  });

  it('A4.6 stops a repair when asked, and says what that does', async () => {
    const { user, bridge } = await openWindow('slow');
    await user.click(await button('Review plan for 1 repair'));
    await user.click(await button('Apply 1 repair'));
    await screen.findByText('Stopping finishes the current step and undoes the ones before it.');
    await user.click(await button('Stop'));
    await heading('The repair was stopped');
    expect(bridge.asked.some((asked) => asked.name === 'job.cancel')).toBe(true);
  });

  it('keeps the plan when the repair did not begin', async () => {
    const { user } = await openWindow('stale');
    await user.click(await button('Review plan for 1 repair'));
    await user.click(await button('Apply 1 repair'));
    await heading('The repair did not begin');
    await user.click(await button('Back to the plan'));
    await heading('1 repair, 3 changes');
  });

  it('A4.9 tells all clear, with the time, from nothing to check', async () => {
    await openWindow('clear');
    await heading('No problems found');
    expect(screen.getByText(/Checked on November 23, 2026/)).toBeTruthy();
    // Nothing to repair is nothing to choose: the one action left is the primary one.
    const again = screen.getByRole('button', { name: 'Scan again' });
    expect(again.className).toContain('go');
    expect(screen.queryByRole('button', { name: 'Choose what to repair' })).toBeNull();
  });

  it('A4.9 does not call a machine fine on which nothing was checked', async () => {
    await openWindow('empty');
    await heading('There was nothing to check');
  });

  it('speaks Chinese when the setting says so', async () => {
    const { user } = await openWindow('git');
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    await user.click(await screen.findByRole('radio', { name: '简体中文' }));
    await screen.findByRole('heading', { level: 1, name: '设置' });
    expect(document.documentElement.lang).toBe('zh-CN');
  });
});
