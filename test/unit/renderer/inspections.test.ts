// @vitest-environment jsdom
import { render, screen, waitFor, within } from '@testing-library/react';
import { createElement } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { FakeBridge } from '../../../renderer/bridge/fake.ts';
import { scenarios } from '../../../renderer/bridge/scenarios/index.ts';
import { traceReport } from '../../../renderer/bridge/scenarios/inspection-work.ts';
import { scenarioTexts } from '../../../renderer/bridge/scenarios/texts.ts';
import { TraceResult } from '../../../renderer/features/trace/TraceResult.tsx';
import { createSpeech } from '../../../renderer/i18n/i18n.ts';
import { createDevmendWindow, WindowProvider } from '../../../renderer/state/window.tsx';
import type { TraceReport } from '../../../shared/trace.ts';
import { openWindow, prepareBrowser } from './window.ts';

// xterm draws on a canvas, which jsdom has not; the transcript behind it is tested on its own.
vi.mock('../../../renderer/terminal/TerminalView.tsx', () => ({ TerminalView: () => null }));
prepareBrowser();

const button = (name: string | RegExp) => screen.findByRole('button', { name });

async function openTab(
  tab: string,
  scenario: Parameters<typeof openWindow>[0] = 'git',
  options: Parameters<typeof openWindow>[1] = {},
) {
  const opened = await openWindow(scenario, options);
  await opened.user.click(await button('Machine'));
  await opened.user.click(await screen.findByRole('tab', { name: tab }));
  return opened;
}
const asked = (bridge: Awaited<ReturnType<typeof openWindow>>['bridge'], name: string) =>
  bridge.asked.filter((one) => one.name === name);

describe('components', () => {
  it('are shown by editor, worst first, with what breaks and what forces it', async () => {
    const { user } = await openTab('Components');
    const editor = await screen.findByRole('region', { name: 'VS Code 1.139.1' });
    const [first] = within(editor).getAllByRole('listitem');
    expect(first?.textContent).toContain('Integrated terminal');
    expect(first?.textContent).toContain('Fails');
    expect(first?.textContent).toContain('The integrated terminal of VS Code will not start');
    expect(first?.textContent).toContain('GLIBC 2.38');
    expect(first?.textContent).toContain('forkpty');
    // What is missing has failed already; what works could fail.
    const lineOf = (name: string) =>
      within(editor).getByText(name, { selector: 'span' }).closest('li')?.textContent;
    expect(lineOf('libsecret-1.so.0')).toContain('What breaks: VS Code will keep passwords');
    expect(lineOf('dlv-dap')).toContain('If it fails: The extension Go');
    expect(lineOf('rg')).toContain('If it fails: Searching in files');
    await user.click(screen.getByRole('checkbox', { name: 'Only problems' }));
    expect(screen.queryByText('golangci-lint')).toBeNull();
    expect(screen.getByText('libsecret-1.so.0', { selector: 'span' })).toBeTruthy();
  });

  it('lead to their finding and to their graph; a module is never offered for a launch', async () => {
    const { user } = await openTab('Components');
    expect(await button('Trace a launch of gopls')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Trace a launch of pty.node' })).toBeNull();
    await user.click(await button('Show the finding about pty.node'));
    await screen.findByRole('heading', { level: 1, name: /git does not start/ });
    await user.click(await button('Machine'));
    await user.click(await button('Dependencies of gopls'));
    await screen.findByRole('heading', { level: 2, name: 'gopls' });
  });

  it('say so before the first scan', async () => {
    await openTab('Components', 'first');
    await screen.findByRole('heading', { name: 'This machine has not been scanned yet' });
  });
});

describe('processes', () => {
  it('hang below what started them; what is not permitted is never shown as fine', async () => {
    await openTab('Processes');
    const editor = await screen.findByRole('region', { name: 'code, process 4210' });
    const rows = within(editor)
      .getAllByRole('listitem')
      .filter((row) => row.dataset.pid);
    expect(rows.map((row) => row.dataset.pid)).toEqual([
      ...['4210', '4305', '4390', '4311', '4402', '4330'],
    ]);
    expect(rows[0]?.textContent).toContain('Restart it');
    expect(rows[0]?.textContent).toMatch(/Restart the program to use the new ones/);
    expect(rows[2]?.textContent).toContain('Started by process 4305:');
    expect(rows[2]?.textContent).toContain('C library: glibc 2.41 (Debian GLIBC 2.41-12)');
    expect(rows[2]?.textContent).toContain('LD_LIBRARY_PATH=/home/user/opt/lib');
    expect(rows[5]?.textContent).toContain('Known in part');
    const others = screen.getByRole('region', { name: 'Without an editor' });
    expect(others.textContent).toContain('Runs in a container (docker, 9f2c7b61aa04).');
    const hidden = others.querySelector('[data-pid="6001"]');
    expect(hidden?.textContent).toContain('Not permitted');
    expect(hidden?.textContent).not.toContain('As on disk');
  });

  it('say why when they cannot be looked at, and can be asked again', async () => {
    const { user, bridge } = await openWindow('git');
    const answer = vi.spyOn(bridge, 'call').mockImplementation((name) =>
      Promise.resolve(
        name === 'processes.show'
          ? {
              ok: false,
              error: { code: 'other-root', params: { path: '/mnt' }, correlationId: '' },
            }
          : { ok: true, data: {} },
      ),
    );
    await user.click(await button('Machine'));
    await user.click(await screen.findByRole('tab', { name: 'Processes' }));
    const alert = await screen.findByRole('alert');
    answer.mockRestore();
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    await screen.findByRole('region', { name: 'code, process 4210' });
  });

  it('are looked at again on demand, and as root only by the person', async () => {
    const { user, bridge } = await openTab('Processes');
    expect(await screen.findByText('sudo devmend processes')).toBeTruthy();
    await button('Copy: the command');
    await user.click(await button('Refresh'));
    await waitFor(() => expect(asked(bridge, 'processes.show')).toHaveLength(2));
  });
});

describe('the compatibility matrix', () => {
  it('has a reason for every cell and draws only what is in view', async () => {
    const { user } = await openTab('Compatibility');
    const grid = await screen.findByRole('grid', {
      name: 'Programs and the systems they start on',
    });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Systems' }), 'all');
    expect(grid.getAttribute('aria-rowcount')).toBe('61');
    expect(Number(grid.getAttribute('aria-colcount'))).toBeGreaterThan(90);
    const cells = within(grid).getAllByRole('gridcell');
    expect(cells.length).toBeLessThan(60 * 100);
    expect(grid.querySelectorAll('*').length).toBeLessThan(4000);
    for (const cell of cells) expect(cell.getAttribute('aria-label')).toMatch(/^\w.*\. .{10}/);
    const detail = screen.getByRole('region', { name: 'Why' });
    expect(detail.textContent).toContain('git on this machine: Fails');
    grid.focus();
    await user.keyboard('{ArrowRight}{ArrowDown}');
    expect(detail.textContent).toContain('dlv on');
    const chosen = document.getElementById(grid.getAttribute('aria-activedescendant') ?? '');
    expect(chosen?.getAttribute('aria-selected')).toBe('true');
    await user.type(screen.getByRole('searchbox', { name: 'Filter programs' }), 'gopls');
    expect(
      within(grid)
        .getAllByRole('rowheader')
        .map((one) => one.textContent),
    ).toEqual(['gopls']);
  });

  it('shows editor and Go releases, the installed one among them, with their source', async () => {
    const { user } = await openTab('Compatibility');
    await user.click(await screen.findByRole('tab', { name: 'VS Code releases' }));
    expect(screen.getAllByRole('row')).toHaveLength(16);
    await user.click(await button('Show all 40 releases'));
    expect(screen.getAllByRole('row')).toHaveLength(41);
    expect(screen.getByText(/vscode-versions; VS Code docs/)).toBeTruthy();
    await user.click(await screen.findByRole('tab', { name: 'Go extension and tools' }));
    expect(screen.getAllByText(/and Go 1.24.4 is older/)).toHaveLength(3);
  });

  it('tells what another glibc would stop', async () => {
    const { user, bridge } = await openTab('Compatibility');
    await user.click(await screen.findByRole('tab', { name: 'Another glibc' }));
    await user.click(await button('Compare with a package'));
    await screen.findByText('2 programs would stop starting');
    expect(asked(bridge, 'upgrade.start')[0]?.input).toEqual({ target: 'package' });
    expect(screen.getByText(/GLIBC_2.32 · GLIBC_2.33/)).toBeTruthy();
    expect(screen.getAllByText(/which it would no longer find/)).toHaveLength(2);
  });
});

describe('a launch', () => {
  it('runs nothing until the button that names it is pressed, which never has the focus', async () => {
    const { user, bridge } = await openTab('Trace a launch');
    await user.click(await button(/dlv/));
    const heading = await screen.findByRole('heading', { name: 'Start dlv and watch it' });
    expect(document.activeElement).toBe(heading);
    expect(screen.getByText('/home/user/go/bin/dlv --version')).toBeTruthy();
    expect(screen.getByText(/ended after 30 seconds/)).toBeTruthy();
    expect(asked(bridge, 'trace.start')).toEqual([]);
    await user.click(await button('Run dlv --version and watch'));
    const list = await screen.findByRole('list', { name: 'What happened' });
    expect(asked(bridge, 'trace.start')[0]?.input).toEqual({
      ...{ id: 'program-dlv', arguments: 'version' },
    });
    expect(list.textContent).toContain('needs libunwind.so.8');
    expect(list.textContent).toContain('/usr/lib/libunwind.so.8 nothing there');
    expect(list.textContent).toContain('openat(AT_FDCWD');
    expect(screen.getByText(/strace is not installed/)).toBeTruthy();
    expect(screen.getByText('Differs')).toBeTruthy();
    await user.click(await button('Show terminal'));
    await waitFor(() =>
      expect(screen.getByTestId('terminal-text').textContent).toContain('/go/bin/dlv --version'),
    );
  });

  it('agrees with no simulation that could not say anything', async () => {
    const speech = await createSpeech('en', { extra: scenarioTexts });
    const made = createDevmendWindow(new FakeBridge(scenarios.git), speech);
    const show = (report: TraceReport): string => {
      const result = createElement(TraceResult, { report });
      const { container, unmount } = render(
        createElement(WindowProvider, { value: made, children: result }),
      );
      const shown = container.textContent;
      unmount();
      return shown;
    };
    const report = traceReport('a program that nobody has read', []);
    const { simulation } = report;
    expect(simulation).toMatchObject({ verdict: 'unknown', agrees: true });
    expect(show(report)).toContain('The simulation could not say');
    expect(show(report)).not.toContain('Agrees');
    expect(show({ ...report, simulation: { ...simulation, verdict: 'starts' } })).toContain(
      'Agrees',
    );
    expect(show({ ...report, simulation: { ...simulation, agrees: false } })).toContain('Differs');
  });

  it('can be stopped, and says so', async () => {
    const { user, bridge } = await openTab('Trace a launch', 'git', { pace: 60 });
    await user.click(await button(/dlv/));
    await user.click(screen.getByRole('radio', { name: 'None' }));
    await user.click(await button('Run dlv and watch'));
    await user.click(await button('Stop'));
    await waitFor(() => expect(asked(bridge, 'job.cancel')).toHaveLength(1));
    expect(asked(bridge, 'trace.start')[0]?.input).toEqual({
      ...{ id: 'program-dlv', arguments: 'none' },
    });
    await screen.findByRole('alert');
  });

  it('is reached from a finding and from the dependency graph', async () => {
    const { user } = await openWindow('git');
    await user.click(await button('Trace a launch…'));
    await screen.findByRole('heading', { name: 'Start git and watch it' });
    await user.click(await screen.findByRole('tab', { name: 'Dependencies' }));
    await user.click(await button('Trace a launch…'));
    await screen.findByRole('heading', { name: 'Start git and watch it' });
  });
});
