import { readFileInRoot } from '../rootfs.ts';

/** Names of the users in /etc/passwd; accounts of a directory service have none here. */
export function userNames(): (uid: number) => string | null {
  const answer = readFileInRoot('/', '/etc/passwd');
  const names = new Map<number, string>();
  for (const line of (answer.ok ? answer.value.toString('utf8') : '').split('\n')) {
    const [name, , uid] = line.split(':');
    if (name === undefined || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return (uid) => names.get(uid) ?? null;
}
