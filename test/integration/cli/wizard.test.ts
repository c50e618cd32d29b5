import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { layDesk, settingsText, type Desk } from '../../fixtures/desk.ts';
import { bundledCli } from './harness.ts';

const cli = bundledCli();
const desks: Desk[] = [];
afterEach(() => desks.splice(0).forEach((desk) => desk.remove()));

function newDesk(): Desk {
  const desk = layDesk();
  desks.push(desk);
  return desk;
}

const ENTER = '\r';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const MENU = /q {2,}leave\n> /u;

const gitPath = (desk: Desk): string =>
  /"git\.path":\s*"([^"]*)"/u.exec(readFileSync(desk.settings, 'utf8'))?.[1] ?? '';

describe('the wizard in the terminal', () => {
  it('leads from the scan to the proof, and back through the history, by keyboard alone', async () => {
    const desk = newDesk();
    const terminal = cli.terminal([], { home: desk.home });
    const findings = await terminal.shows(MENU);
    expect(findings).toContain('[2 Findings]');
    expect(findings).toContain('x Problem  git does not start');
    expect(findings).toContain('lacks GLIBC_2.38');

    terminal.type(`e 1${ENTER}`);
    expect(await terminal.shows(MENU)).toContain('How to repair it');
    terminal.type(`1${ENTER}`);
    const plan = await terminal.shows('Apply 1 repair? [y/N] ');
    expect(plan).toContain('"git.path":');
    expect(plan).toContain('Nothing has been changed yet.');
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));

    terminal.type(`y${ENTER}`);
    const repair = await terminal.shows('[5 Done]');
    expect(repair).toContain('$ ');
    expect(repair).toContain('--set-interpreter');
    const proof = await terminal.shows(MENU);
    expect(proof).toContain('git version 1.2.3');
    expect(proof).toMatch(/undo \S+\n/u);
    expect(proof).not.toContain('git does not start\n');
    expect(execFileSync(gitPath(desk), ['--version'], { encoding: 'utf8' })).toContain('1.2.3');

    terminal.type(`h${ENTER}`);
    await terminal.shows('[Enter: back] ');
    terminal.type(`1${ENTER}`);
    const undo = await terminal.shows('Take it back? [y/N] ');
    expect(undo).toContain('What undo will do');
    terminal.type(`y${ENTER}`);
    expect(await terminal.shows('[Enter: back] ')).toContain('Taken back');
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
    terminal.type(ENTER);
    expect(await terminal.shows(MENU)).toContain('git does not start');
    terminal.type(`q${ENTER}`);
    expect(await terminal.exit()).toBe(0);
  }, 180_000);

  it('changes nothing when the answer is not yes, and a choice can be typed instead', async () => {
    const desk = newDesk();
    const terminal = cli.terminal([], { home: desk.home });
    await terminal.shows(MENU);
    terminal.type(`a${ENTER}`);
    await terminal.shows('[y/N] ');
    terminal.type(`use=in-place${ENTER}`);
    expect(await terminal.shows('[y/N] ')).not.toContain('"git.path":');
    terminal.type(ENTER);
    expect(await terminal.shows(MENU)).toContain('Nothing has been changed.');
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
    terminal.type(CTRL_D);
    expect(await terminal.exit()).toBe(0);
  }, 180_000);

  it('asks what to do about a file that somebody else has changed since', async () => {
    const desk = newDesk();
    const terminal = cli.terminal([], { home: desk.home });
    await terminal.shows(MENU);
    terminal.type(`1${ENTER}`);
    await terminal.shows('[y/N] ');
    terminal.type(`y${ENTER}`);
    await terminal.shows(MENU);
    appendFileSync(desk.settings, '// mine\n');
    terminal.type(`h${ENTER}`);
    await terminal.shows('[Enter: back] ');
    terminal.type(`1${ENTER}`);
    expect(await terminal.shows(/Enter {2}change nothing\n> /u)).toContain(
      'changed by somebody else',
    );
    terminal.type(`r${ENTER}`);
    expect(await terminal.shows('[Enter: back] ')).toContain('Taken back');
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
    terminal.type(CTRL_C);
    expect(await terminal.exit()).toBe(130);
  }, 180_000);

  it('Ctrl-C is safe at the question and during the repair, and ends with 130', async () => {
    const desk = newDesk();
    const asking = cli.terminal([], { home: desk.home });
    await asking.shows(MENU);
    asking.type(`1${ENTER}`);
    await asking.shows('[y/N] ');
    asking.type(CTRL_C);
    expect(await asking.exit()).toBe(130);
    expect(asking.screen).toContain('Nothing is half done');

    const repairing = cli.terminal([], { home: desk.home });
    await repairing.shows(MENU);
    repairing.type(`1${ENTER}`);
    await repairing.shows('[y/N] ');
    repairing.type(`y${ENTER}`);
    await repairing.shows('--set-rpath');
    repairing.type(CTRL_C);
    expect(await repairing.exit()).toBe(130);
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
  }, 180_000);

  it('adds a program by its path, and speaks Chinese', async () => {
    const desk = newDesk();
    const terminal = cli.terminal([], {
      home: desk.home,
      environment: { LANG: 'zh_CN.UTF-8', XDG_CONFIG_HOME: `${desk.home}/empty` },
    });
    await terminal.shows(/q {2,}退出\n> /u);
    terminal.type(`+ /bin/ls${ENTER}`);
    await terminal.shows(/q {2,}退出\n> /u);
    terminal.type(`什么${ENTER}`);
    expect(await terminal.shows(/q {2,}退出\n> /u)).toContain('"什么" 不在选项之中');
    terminal.type(`q${ENTER}`);
    expect(await terminal.exit()).toBe(0);
  }, 180_000);
});
