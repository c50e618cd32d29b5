import { describe, expect, it } from 'vitest';
import { contract, MESSAGE_LIMIT, type ChannelName } from '../../../shared/contract.ts';
import { channelOf } from '../../../shared/bridge.ts';
import { openGate, validInputs, type Gate } from './fakes.ts';

const names = Object.keys(contract) as ChannelName[];

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

/** What no channel may accept, whatever its schema. */
const hostile: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['a text', 'rm -rf ~'],
  ['a list', [{}]],
  ['an own __proto__', JSON.parse('{"__proto__": {"admin": true}}')],
  ['an unknown key', { command: 'id' }],
  ['a map', new Map([['id', 'x']])],
  ['a date', new Date(0)],
  ['a big integer', { id: 1n }],
  ['a cycle', cyclic],
  ['an endless text', { text: 'x'.repeat(MESSAGE_LIMIT) }],
  ['a path out of the way', { path: '../../etc/passwd', write: true }],
];

async function ask(
  gate: Gate,
  name: ChannelName,
  args: readonly unknown[],
  frame = undefined as never,
) {
  if (contract[name].kind === 'call') return gate.send(name, args, frame);
  const [first] = await gate.open(name, args, frame).received(1);
  return first;
}

describe('A1.5 every channel of the contract', () => {
  it('is registered, and none besides', () => {
    expect([...openGate().channels].sort()).toEqual(names.map(channelOf).sort());
  });

  it.each(names)('%s lets a valid input through to its handler', async (name) => {
    const gate = openGate();
    const port = contract[name].kind === 'stream' ? gate.open(name, [validInputs[name]]) : null;
    if (port === null) await gate.send(name, [validInputs[name]]);
    else await port.received(2);
    expect(gate.admitted).toEqual([{ name, input: validInputs[name] }]);
  });

  it.each(names)('%s refuses hostile input before its handler', async (name) => {
    for (const [what, input] of hostile) {
      const gate = openGate();
      const answer = await ask(gate, name, [input]);
      expect(answer, what).toMatchObject({ ok: false, error: { code: 'bad-request' } });
      expect(gate.admitted, what).toEqual([]);
    }
  });

  it.each(names)('%s refuses a valid input with one key too many', async (name) => {
    const gate = openGate();
    const answer = await ask(gate, name, [{ ...validInputs[name], extra: 1 }]);
    expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(gate.admitted).toEqual([]);
  });

  it.each(names)('%s refuses more or fewer than one argument', async (name) => {
    const gate = openGate();
    for (const args of [[], [validInputs[name], validInputs[name]]]) {
      expect(await ask(gate, name, args)).toMatchObject({ error: { code: 'bad-request' } });
    }
    expect(gate.admitted).toEqual([]);
  });

  it.each(names)('%s refuses every sender but the main frame of app://devmend', async (name) => {
    const gate = openGate();
    const frames = [
      null,
      { url: 'app://devmend/', parent: {} },
      { url: 'app://devmend.evil/', parent: null },
      { url: 'app://evil/', parent: null },
      { url: 'https://devmend/', parent: null },
      { url: 'file:///app://devmend/', parent: null },
      { url: 'about:blank', parent: null },
      { url: '', parent: null },
    ];
    for (const frame of frames) {
      const answer =
        contract[name].kind === 'call'
          ? await gate.send(name, [validInputs[name]], frame)
          : (await gate.open(name, [validInputs[name]], frame).received(1))[0];
      expect(answer, JSON.stringify(frame)).toMatchObject({ error: { code: 'bad-request' } });
    }
    expect(gate.admitted).toEqual([]);
  });
});

describe('answers', () => {
  it('A1.5 that are not what the contract says never leave', async () => {
    const gate = openGate();
    gate.answer = () => ({ ok: true, value: { version: '1', secret: 'token' } });
    const answer = await gate.send('app.info', [{}]);
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toContain('token');
  });

  it('A1.9 a thrown error reaches the window as a code and an id, its stack only the log', async () => {
    const gate = openGate();
    gate.answer = () => {
      throw new Error('cannot open /home/jo/.ssh/id_ed25519');
    };
    const answer = (await gate.send('settings.get', [{}])) as {
      error: { code: string; correlationId: string };
    };
    expect(answer.error.code).toBe('internal');
    expect(answer.error.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(answer)).not.toMatch(/id_ed25519|\.ts/);
    const entry = gate.logged.find((line) => line.startsWith(answer.error.correlationId));
    expect(entry).toMatch(/id_ed25519[^]*contract-walk/);
  });

  it('a failure that is a value keeps its code and gets a correlation id', async () => {
    const gate = openGate();
    expect(await gate.send('history.list', [{}])).toMatchObject({
      ok: false,
      error: { code: 'locked', correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });
});
