import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../sandbox/layout.ts';
import { hostLibraries } from '../sandbox/host-libraries.ts';
import type { TrialAnswer } from './trial-run.ts';

/** A service of nsswitch.conf whose module the private glibc cannot load. */
export interface MissingService {
  readonly database: 'passwd' | 'hosts';
  readonly service: string;
  /** The loader's own words. */
  readonly reason: string;
}

/** Inside libc itself since glibc 2.34 (NEWS of 2.34); older sets bring them as libraries. */
const builtIn: ReadonlySet<string> = new Set(['files', 'dns']);

const architecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/**
 * The services that user and host names come from, as nsswitch.conf(5) lists them,
 * which the system's glibc can load and the private one cannot. `ask` starts a program
 * with these preloads, by which the private loader itself says what it finds: a
 * preload is searched for like a library that libc opens. A module that the
 * system lacks as well was never there, and is not named.
 */
export async function missingServices(
  root: string,
  libraries: string,
  ask: (preloads: string) => Promise<TrialAnswer | null>,
): Promise<MissingService[]> {
  const own = hostLibraries(root, architecture);
  const wanted = configuredServices(root).filter(({ service }) => {
    const module = moduleOf(service);
    if (builtIn.has(service) || existsSync(join(libraries, module))) return false;
    return own(module) !== null;
  });
  if (wanted.length === 0) return [];
  const answer = await ask(wanted.map(({ service }) => moduleOf(service)).join(' '));
  if (answer === null) return [];
  return wanted.flatMap((service) => {
    const reason = refusalOf(moduleOf(service.service), answer.output);
    return reason === null ? [] : [{ ...service, reason }];
  });
}

/** Each service once for users and once for hosts, in the order of the file. */
export function configuredServices(
  root: string,
): { readonly database: 'passwd' | 'hosts'; readonly service: string }[] {
  const text = readText(join(root, 'etc/nsswitch.conf'));
  return (['passwd', 'hosts'] as const).flatMap((database) => {
    const line = new RegExp(`^[ \\t]*${database}:([^#\\n]*)`, 'm').exec(text)?.[1] ?? '';
    // "[NOTFOUND=return]" is an instruction between two services.
    const names = line.replace(/\[[^\]]*\]/g, ' ').match(/[A-Za-z0-9_.+-]+/g) ?? [];
    return [...new Set(names)].map((service) => ({ database, service }));
  });
}

/** "ERROR: ld.so: object 'X' from --preload cannot be preloaded (reason): ignored." (elf/rtld.c) */
function refusalOf(module: string, output: string): string | null {
  const line = output.split('\n').find((text) => text.includes(`object '${module}' from`));
  return line === undefined ? null : (/\((.*)\)/.exec(line)?.[1] ?? line.trim());
}

function moduleOf(service: string): string {
  return `libnss_${service}.so.2`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
