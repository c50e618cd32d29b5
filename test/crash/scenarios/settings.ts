import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, statSync, writeFileSync } from 'node:fs';
import { editJson, writeFile } from '../../integration/journal/workbench.ts';
import type { Scenario, World } from '../scenario.ts';

/** A settings file with everything that a file can have beside its bytes. */
function settingsFile(world: World): string {
  const path = world.at('settings.json');
  writeFileSync(path, '{\r\n  "a": 1, // one\r\n  "name": "\u00e9"\r\n}');
  chownSync(path, 1000, 1000);
  chmodSync(path, 0o640);
  execFileSync('setfattr', ['-n', 'user.origin', '-v', 'editor', path]);
  execFileSync('setfacl', ['-m', 'u:65534:r', path]);
  return path;
}

/** One file. */
export const settings: Scenario = {
  name: 'settings',
  kinds: ['edit-json'],
  prepare: (world) => [editJson(settingsFile(world), 'a', 1, 2)],
};

/** One file, and the journal on another file system: neither vouches for the other. */
export const settingsElsewhere: Scenario = {
  name: 'settings-elsewhere',
  kinds: ['edit-json'],
  split: true,
  prepare: (world) => [editJson(settingsFile(world), 'a', 1, 2)],
};

/** Many files, one of them with two names: that one is written in place. */
export const manyFiles: Scenario = {
  name: 'many-files',
  kinds: ['edit-json'],
  prepare: (world) => {
    const linked = world.at('linked.json');
    writeFileSync(linked, '{"a": 1, "padding": "................"}\n');
    linkSync(linked, world.at('other-name.json'));
    const plain = ['one', 'two', 'three'].map((name) => world.at(`${name}.json`));
    for (const path of plain) writeFileSync(path, `{"path": "${path}", "a": 1}\n`);
    return [settingsFile(world), linked, ...plain].map((path) => editJson(path, 'a', 1, 2));
  },
  wrong: (world) => (statSync(world.at('linked.json')).nlink === 2 ? [] : ['the link is broken']),
};

/** Texts written anew as a whole, in place of what was there; one of them has two names. */
export const textFiles: Scenario = {
  name: 'text-files',
  kinds: ['write-file'],
  prepare: (world) => {
    const linked = world.at('linked.conf');
    writeFileSync(linked, 'watches = 8192\n');
    linkSync(linked, world.at('other-name.conf'));
    return [settingsFile(world), linked].map((path) => writeFile(path, 'watches = 524288\n'));
  },
  wrong: (world) => (statSync(world.at('linked.conf')).nlink === 2 ? [] : ['the link is broken']),
};
