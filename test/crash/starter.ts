import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/**
 * Starts program.ts from its compiled form, as the campaign starts it for every point.
 * Without arguments it makes that form: all functions, also those that run late.
 */
const program = join(__dirname, 'program.cjs');
const compiled = join(__dirname, 'program.compiled');
const source = `(function (require, __filename) {${readFileSync(program, 'utf8')}\n})`;

function compile(): void {
  setFlagsFromString('--no-lazy');
  const script = new Script(source, { filename: program });
  // What is compiled belongs to the flags that it was compiled with.
  setFlagsFromString('--lazy');
  writeFileSync(compiled, script.createCachedData());
}

function start(): void {
  const script = new Script(source, { filename: program, cachedData: readFileSync(compiled) });
  if (script.cachedDataRejected === true) throw new Error(`${compiled} is another Node's.`);
  script.runInThisContext()(createRequire(program), program);
}

if (process.argv.length > 2) start();
else compile();
