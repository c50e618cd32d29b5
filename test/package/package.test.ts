import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createPerson,
  eventually,
  openDisplay,
  repository,
  run,
  type Display,
  type Person,
} from './machine.ts';

const id = 'io.github.devmend.Devmend';
const root = join(repository, 'artifacts/package/root');
const program = '/usr/lib/devmend/devmend';
let deb = '';

const script = (name: string): Promise<Record<string, (...args: unknown[]) => Promise<unknown>>> =>
  import(join(repository, 'build/scripts', name));

beforeAll(async () => {
  const { packageDeb } = await script('package-deb.mjs');
  deb = ((await packageDeb!()) as { file: string }).file;
});

describe('the package as a file', () => {
  it('A5.1 has a valid menu entry, metadata, and icons of every size under one name', async () => {
    const share = join(root, 'usr/share');
    await run('desktop-file-validate', [join(share, `applications/${id}.desktop`)]);
    await run('appstreamcli', ['validate', '--no-net', join(share, `metainfo/${id}.metainfo.xml`)]);
    const entry = await readFile(join(share, `applications/${id}.desktop`), 'utf8');
    expect(entry).toContain(`Icon=${id}\n`);
    expect(entry).toMatch(/^Comment\[zh_CN\]=\S/m);
    for (const size of [16, 22, 24, 32, 48, 64, 128, 256, 512]) {
      const icon = join(share, `icons/hicolor/${size}x${size}/apps/${id}.png`);
      expect(await run('identify', ['-format', '%wx%h', icon])).toBe(`${size}x${size}`);
    }
    expect(existsSync(join(share, `icons/hicolor/scalable/apps/${id}.svg`))).toBe(true);
  });

  it('A5.1 lintian has nothing to say that is not explained', async () => {
    const options = ['--allow-root', '--fail-on', 'error,warning', '--tag-display-limit', '0'];
    await run('lintian', [...options, deb]).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  });

  it('A5.3 Depends, worked out by Devmend, names the packages that dpkg-shlibdeps finds', async () => {
    const ours = (await run('dpkg-deb', ['--field', deb, 'Depends'])).trim();
    const first = new Set(ours.split(', ').map((clause) => clause.split(/[ |]/)[0]));
    const work = await mkdtemp(join(tmpdir(), 'devmend-shlibdeps-'));
    try {
      await mkdir(join(work, 'debian'));
      await writeFile(
        join(work, 'debian/control'),
        'Source: devmend\n\nPackage: devmend\nArchitecture: any\n',
      );
      const files = (await run('find', [join(root, 'usr'), '-type', 'f'])).trim().split('\n');
      const elf: string[] = [];
      for (const file of files)
        if ((await run('head', ['-c', '4', file])) === '\x7fELF') elf.push(file);
      const found = await run(
        'dpkg-shlibdeps',
        [
          '-O',
          '--ignore-missing-info',
          '--warnings=0',
          '-l/usr/lib/devmend',
          ...elf.map((file) => `-e${file}`),
        ],
        { cwd: work },
      );
      const theirs = found
        .replace('shlibs:Depends=', '')
        .trim()
        .split(', ')
        .map((clause) => clause.split(/[ |]/)[0]);
      expect(theirs.filter((name) => !first.has(name))).toEqual([]);
      const own = ['patchelf', 'pkexec'];
      expect([...first].filter((name) => !theirs.includes(name)).sort()).toEqual(own);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });

  it('A1.4 the fuses of the packaged program are read back as they are meant', async () => {
    const { readFuses } = await script('fuses.mjs');
    const { fuses } = (await import(join(repository, 'build/fuses.mjs'))) as {
      fuses: Record<string, boolean>;
    };
    const read = (await readFuses!(join(root, 'usr/lib/devmend/devmend'))) as Record<
      string,
      boolean | null | undefined
    >;
    for (const name of ['RunAsNode', 'EnableNodeCliInspectArguments', 'OnlyLoadAppFromAsar'])
      expect(read[name], name).toBe(fuses[name]);
    // A fuse that this Electron does not have yet reads undefined; none may differ.
    for (const [name, meant] of Object.entries(fuses))
      expect([meant, undefined, null], name).toContain(read[name]);
  });
});

describe('the package installed', () => {
  let person: Person;
  let display: Display;
  let before: readonly string[] = [];
  const rootOnly = process.getuid?.() !== 0;

  beforeAll(async () => {
    if (rootOnly) return;
    const depends = (await run('dpkg-deb', ['--field', deb, 'Depends'])).trim();
    await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'satisfy', depends], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    await run('dpkg', ['--purge', 'devmend']).catch(() => '');
    before = await systemFiles();
    await run('dpkg', ['-i', deb]);
    person = await createPerson();
    display = await openDisplay();
  });

  afterAll(async () => {
    if (rootOnly) return;
    await person.remove();
    await display.stop();
    await run('dpkg', ['--purge', 'devmend']).catch(() => '');
  });

  beforeEach((context) => {
    context.skip(rootOnly, 'installing a package takes root');
  });

  it('the command line runs on a Node of its own, whatever the user’s Node is told', async () => {
    const words = await person.run('devmend', ['--help'], { NODE_OPTIONS: '--no-such-option' });
    expect(words).toContain('scan');
    const report = JSON.parse(await person.run('devmend', ['deps', '/bin/true', '--json']));
    expect(report.verdict).toBe('starts');
  });

  it('A5.2 starts from its menu entry as an ordinary user, with Chromium’s sandbox on', async () => {
    const session = { DISPLAY: display.name, XDG_SESSION_TYPE: 'x11' };
    const menu = `gtk-launch ${id}; exec sleep 600`;
    person.start('dbus-run-session', ['--', 'sh', '-c', menu], session);
    const window = await eventually('a window', 60, () => findWindow(display.name));
    expect(await property(display.name, window, 'WM_NAME')).toContain('Devmend');
    const entry = await readFile(`/usr/share/applications/${id}.desktop`, 'utf8');
    const wanted = /^StartupWMClass=(.*)$/m.exec(entry)![1]!;
    expect(await property(display.name, window, 'WM_CLASS')).toContain(`"${wanted}"`);
    const words = await eventually('the wizard’s first step on the screen', 60, async () => {
      const seen = await readScreen(display.name, 'window.png');
      return /Find out what is broken/.test(seen) ? seen : null;
    });
    // What reads well at this size; the end-to-end tests look at every word.
    for (const word of ['Devmend', 'Scan', 'Repair', 'History', 'Machine', 'Settings'])
      expect(words).toContain(word);
    expect(await sandboxedRenderers(person)).toBeGreaterThan(0);
  });

  it('A5.2 an upgrade keeps the user’s history', async () => {
    const state = join(person.home, '.local/state/devmend');
    await person.run('mkdir', ['-p', state]);
    await person.run('touch', [join(state, 'kept')]);
    const was = await digestOf(state);
    await run('dpkg', ['-i', deb]);
    expect(await digestOf(state)).toBe(was);
  });

  it('A5.2 is removed without leftovers', async () => {
    await run('dpkg', ['--remove', 'devmend']);
    expect((await systemFiles()).filter((file) => !before.includes(file))).toEqual([]);
    expect(existsSync(program)).toBe(false);
    await run('dpkg', ['--purge', 'devmend']);
    expect(await run('dpkg-query', ['-W', '-f', '${Status}', 'devmend']).catch(() => '')).toBe('');
  });
});

/** Files where a package or its triggers could leave something. */
async function systemFiles(): Promise<readonly string[]> {
  const places = ['/usr/bin', '/usr/lib/devmend', '/opt', '/etc/apparmor.d', '/var/lib/devmend'];
  const shares = [
    'applications',
    'devmend',
    'doc/devmend',
    'icons',
    'lintian',
    'man/man1',
    'metainfo',
  ];
  const all = [...places, ...shares.map((share) => `/usr/share/${share}`)];
  const there = all.filter((place) => existsSync(place));
  return (await run('find', there)).trim().split('\n').sort();
}

async function findWindow(display: string): Promise<string | null> {
  const env = { ...process.env, DISPLAY: display };
  const found = await run('xdotool', ['search', '--onlyvisible', '--name', '^Devmend'], {
    env,
  }).catch(() => '');
  return found.trim().split('\n')[0] || null;
}

function property(display: string, window: string, name: string): Promise<string> {
  return run('xprop', ['-id', window, name], { env: { ...process.env, DISPLAY: display } });
}

/** What a person could read on the display: a screenshot, enlarged, through OCR. */
async function readScreen(display: string, name: string): Promise<string> {
  const directory = join(repository, 'artifacts/screenshots/package');
  await mkdir(directory, { recursive: true });
  const shot = join(directory, name);
  const large = join(directory, `large-${name}`);
  await run('import', ['-window', 'root', shot], { env: { ...process.env, DISPLAY: display } });
  await run('convert', [shot, '-resize', '200%', '-colorspace', 'Gray', large]);
  const words = await run('tesseract', [large, '-', '--psm', '11']);
  await rm(large);
  return words;
}

/** How many of the person's renderer processes are confined: seccomp filter, namespaces of their own. */
async function sandboxedRenderers(person: Person): Promise<number> {
  let confined = 0;
  for (const pid of await person.processes()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    expect(command).not.toContain('--no-sandbox');
    if (!command.includes('--type=renderer')) continue;
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const namespaces = /^NSpid:\t(.*)$/m.exec(status)![1]!.split('\t');
    if (/^Seccomp:\t2$/m.test(status) && namespaces.length > 1) confined += 1;
  }
  return confined;
}

async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name);
    hash.update(name);
    if ((await stat(path)).isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}
