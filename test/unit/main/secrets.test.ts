import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callHandlers, type HandlerParts } from '../../../electron/main/handlers.ts';
import { openLog } from '../../../electron/main/log.ts';
import { LINES, TEXTS } from '../secrets/secret-shapes.ts';

const SECRET = 'q7Zq9+0.a~XyZ7';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'devmend-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('A3.11 what leaves the window for a file', () => {
  it.each([...LINES, ...TEXTS])('the log holds no secret: %s', (_name, write) => {
    const error = new Error(write(SECRET));
    openLog(directory)({ correlationId: 'c', where: 'x', error });
    openLog(directory)({ correlationId: 'c', where: 'x', error: write(SECRET) });
    const text = readFileSync(join(directory, 'devmend.log'), 'utf8');
    expect(text.match(/ c x: /g)).toHaveLength(2);
    expect(text).not.toContain(SECRET);
  });

  it.each([...LINES, ...TEXTS])('nor does a saved terminal: %s', async (_name, write) => {
    const saved: string[] = [];
    const desktop = {
      saveText: async (_kind: string, text: string) => Promise.resolve(saved.push(text) > 0),
    };
    const calls = callHandlers({ desktop } as unknown as HandlerParts);
    await calls['terminal.save']({ text: `$ cat file\n${write(SECRET)}\n$ ls\na b\n` });
    expect(saved.join('')).toMatch(/^\$ cat file\n/);
    expect(saved.join('')).not.toContain(SECRET);
  });
});
