import { spawn } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { extract } from 'tar-stream';
import { TOOL_ENVIRONMENT, findTool, readWithTool } from './tools.ts';

/**
 * Extended attributes, ACLs and capabilities of one path. Node has no call for
 * them. Read with getfattr where it is installed, else from the pax header that
 * GNU tar writes. Null where neither tool is there or the file system has none
 * to give: then they can be kept (cp does) but not compared.
 */
export async function readAttributes(path: string): Promise<string | null> {
  const getfattr = await findTool('getfattr');
  if (getfattr !== null) return withGetfattr(getfattr, path, false);
  const tar = await findTool('tar');
  return tar === null ? null : withTar(tar, path);
}

/** The same for every entry of a tree, in an order that does not depend on the disk. */
export async function readTreeAttributes(path: string): Promise<string | null> {
  const getfattr = await findTool('getfattr');
  return getfattr === null ? null : withGetfattr(getfattr, path, true);
}

/** Whether attributes can be read back on this machine; those of a whole tree only by getfattr. */
export async function attributesReadable(of: 'file' | 'tree'): Promise<boolean> {
  if ((await findTool('getfattr')) !== null) return true;
  return of === 'file' && (await findTool('tar')) !== null;
}

async function withGetfattr(tool: string, path: string, tree: boolean): Promise<string | null> {
  const flags = ['-h', '-d', '-m', '-', '-e', 'base64'];
  const outcome = tree
    ? await readWithTool(tool, ['-R', '-P', ...flags, '--', '.'], { cwd: path })
    : await readWithTool(tool, [...flags, '--', `./${basename(path)}`], { cwd: dirname(path) });
  if (outcome.exitCode !== 0 && outcome.stdout.length === 0) return null;
  const blocks = outcome.stdout.toString('latin1').split('\n\n').filter(Boolean);
  const named = tree ? blocks : blocks.map((block) => block.split('\n').slice(1).join('\n'));
  return `getfattr:${named.sort().join('\n\n')}`;
}

/** Reads the first header only and ends tar: the content is of no interest here. */
async function withTar(tool: string, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const args = ['--xattrs', '--xattrs-include=*', '--acls', '--format=pax', '--no-recursion'];
    const child = spawn(tool, [...args, '-cf', '-', '--', `./${basename(path)}`], {
      cwd: dirname(path),
      env: TOOL_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const entries = extract();
    const finish = (answer: string | null): void => {
      child.kill('SIGKILL');
      entries.destroy();
      resolve(answer);
    };
    entries.on('entry', (header) => {
      const kept = Object.entries(header.pax ?? {}).filter(([key]) => key.startsWith('SCHILY.'));
      finish(`tar:${JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)))}`);
    });
    entries.on('error', () => finish(null));
    entries.on('finish', () => finish(null));
    child.once('error', () => finish(null));
    child.stdout.on('error', () => finish(null));
    child.stdout.pipe(entries);
  });
}
