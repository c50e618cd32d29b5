import * as fs from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import { LoaderSession } from '../../electron/engine/elf/loader.ts';
import { readElf } from '../../electron/engine/elf/read.ts';
import { readDynamicSymbols } from '../../electron/engine/elf/symbols.ts';
import { readSymbolUses } from '../../electron/engine/elf/relocations.ts';

/** Where the time of one piece of work goes: parts and their shares, largest first. */
export interface Breakdown {
  readonly work: string;
  readonly parts: readonly { readonly part: string; readonly share: number }[];
}

const ROUNDS = 40;
const LEAST_SHARE = 0.01;

/** What a function of the engine, or of Node beneath it, is part of. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^(openSync|open|closeSync|close)$/, 'opening and closing files'],
  [
    /^(fstatSync|fstat|statSync|lstatSync|lstat|stat|realpath.*|readlink.*)$/,
    'asking about files and links',
  ],
  [/^(readSync|read)$/, 'reading bytes'],
  [/garbage collector/, 'collecting memory'],
  [/^(readDynamicSymbols|parseSymbols|readVersym|countSymbols|countByGnuHash)$/, 'symbols'],
  [/^(readSymbolUses|scan)$/, 'relocations'],
  [/^(readVersionNeeds|readVersionDefines|readNeeded|versionLabels)$/, 'versions'],
  [
    /^(readHeader|readSegments|readDynamic|lastValue|offsetOf|requireOffset)$/,
    'headers and dynamic table',
  ],
  [/^(string|slice|toString|latin1Slice|utf8Slice|indexOf|getEncodingOps)$/, 'making strings'],
];

/** Reading all facts of /usr/bin, its symbols, and the simulated start of every program. */
export function breakdowns(): readonly Breakdown[] {
  const files = fs
    .readdirSync('/usr/bin', { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/usr/bin/${entry.name}`)
    .filter((file) => readElf(file).ok);
  return [
    profiled('facts of every ELF file in /usr/bin', () => files.forEach((file) => readElf(file))),
    profiled('symbols and relocations of every ELF file in /usr/bin', () => {
      for (const file of files) {
        const elf = readElf(file);
        if (!elf.ok) continue;
        readDynamicSymbols(file, elf.value);
        readSymbolUses(file, elf.value, new Set([1]));
      }
    }),
    profiled('simulated start of every program in /usr/bin, with versions', () => {
      const session = new LoaderSession('/');
      for (const file of files) session.simulate(file, { symbols: false });
    }),
  ];
}

/** Samples the processor, 10,000 times a second, while the work is done again and again. */
function profiled(work: string, once: () => void): Breakdown {
  once();
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 100 });
  session.post('Profiler.start');
  for (let round = 0; round < ROUNDS; round += 1) once();
  const taken: Profiler.Profile[] = [];
  session.post('Profiler.stop', (_, { profile }) => taken.push(profile));
  session.disconnect();
  const [profile] = taken;
  if (profile === undefined) throw new Error('no profile was taken');
  return { work, parts: sharesOf(profile) };
}

/** Time is counted where it was spent, not with the callers. */
function sharesOf(profile: Profiler.Profile): Breakdown['parts'] {
  const hits = new Map<string, number>();
  let all = 0;
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    if (callFrame.functionName === '(idle)' || callFrame.functionName === '(program)') continue;
    all += hitCount;
    const part = partOf(callFrame);
    hits.set(part, (hits.get(part) ?? 0) + hitCount);
  }
  return [...hits]
    .map(([part, count]) => ({ part, share: count / all }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((left, right) => right.share - left.share);
}

function partOf({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): string {
  const known = PARTS.find(([pattern]) => pattern.test(functionName))?.[1];
  return known ?? (url.startsWith('file:') ? 'other code of the engine' : 'other code of Node');
}
