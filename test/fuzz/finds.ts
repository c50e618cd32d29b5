import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ChildFinding, Finding } from './finding.ts';

/**
 * Writes the input of a finding down, with what is known of it beside it, so that
 * `npm run fuzz -- --replay FILE` runs it again.
 */
export function keepFinding(
  finding: ChildFinding,
  {
    target,
    seed,
    finds,
  }: { readonly target: string; readonly seed: number; readonly finds: string | null },
): Finding {
  const { kind, detail, input, seedName, edits } = finding;
  const bytes = Buffer.from(finding.bytes, 'base64');
  const known = { target, kind, detail, seed, input, seedName, edits };
  if (finds === null) return { ...known, bytes, file: null };
  fs.mkdirSync(finds, { recursive: true });
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const file = path.join(finds, `${target}-${kind}-${digest}.bin`);
  fs.writeFileSync(file, bytes);
  fs.writeFileSync(`${file}.json`, `${JSON.stringify(known, null, 2)}\n`);
  return { ...known, bytes, file };
}

/** The input of a finding that was written down. */
export function readFind(file: string): {
  readonly target: string;
  readonly seedName: string;
  readonly bytes: Buffer;
} {
  const known = JSON.parse(fs.readFileSync(`${file}.json`, 'utf8')) as Finding;
  return { target: known.target, seedName: known.seedName, bytes: fs.readFileSync(file) };
}

/** What a person needs to see the finding again. */
export function describeFinding({
  target,
  kind,
  detail,
  seed,
  input,
  file,
  edits,
}: Finding): string {
  const lines = [`${target}: ${kind}: ${detail}`];
  for (const { at, remove, insert } of edits.slice(0, 8)) {
    const text = Buffer.from(insert, 'base64').toString('hex');
    const shown = text.length > 96 ? `${text.slice(0, 96)}… (${text.length / 2} bytes)` : text;
    lines.push(`    at ${at}: ${remove} bytes become ${shown || 'nothing'}`);
  }
  if (input !== null)
    lines.push(`    npm run fuzz -- --target ${target} --seed ${seed} --runs ${input + 1}`);
  if (file !== null) lines.push(`    npm run fuzz -- --replay ${file}`);
  return lines.join('\n');
}
