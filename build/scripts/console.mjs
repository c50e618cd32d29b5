import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** One calm line about what happens now. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Whether a person can be asked something. */
export const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** Asks a yes-or-no question; Enter means yes. Only where {@link interactive}. */
export async function confirm(question) {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await reader.question(`${question} [Y/n] `);
    return /^(y|yes|)$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}

/** The file of a development tool that npm installed, to be run with Node. */
export function tool(path) {
  return join(repository, 'node_modules', path);
}

/**
 * Runs a program and answers how it ended, with stdout and stderr as they came.
 * `show` passes the output through as well. Never throws on a non-zero exit.
 */
export function run(file, args, { show = false, env = process.env, cwd = repository } = {}) {
  return new Promise((done) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    const out = [];
    child.stdout.on('data', (chunk) => {
      chunks.push(chunk);
      out.push(chunk);
      if (show) process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk) => {
      chunks.push(chunk);
      if (show) process.stderr.write(chunk);
    });
    child.on('error', (error) => done({ code: 127, stdout: '', output: String(error) }));
    child.on('close', (code, signal) =>
      done({
        code: code ?? 128,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        output: Buffer.concat(chunks).toString('utf8'),
      }),
    );
  });
}

/** Runs a program on this terminal and answers its exit code. */
export function runHere(file, args, { env = process.env, cwd = repository } = {}) {
  return new Promise((done) => {
    const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
    // The terminal sends Ctrl-C to the whole group: the child answers it, this process waits.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    const end = (code) => {
      process.off('SIGINT', ignore);
      done(code);
    };
    child.on('error', () => end(127));
    child.on('close', (code, signal) => end(signal === 'SIGINT' ? 130 : (code ?? 128)));
  });
}

/** Whether the module of this address is the program that was started. */
export function isProgram(address) {
  return process.argv[1] !== undefined && fileURLToPath(address) === resolve(process.argv[1]);
}
