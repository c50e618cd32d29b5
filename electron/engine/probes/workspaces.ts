import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from './files.ts';
import type { ProbeContext } from './probe.ts';

/** Editors remember every folder that was ever open. */
const MOST_WORKSPACES = 300;
const FILE_LIMIT = 64 * 1024;
/** What makes a folder one of Go's, and what a checkout's parent may be. */
const GO_FILES = ['go.work', 'go.mod'];

/**
 * Go modules and workspaces that an editor had open: `workspace.json` of each
 * folder in its workspaceStorage names it.
 */
export function workspaceFolders({ result, files }: ProbeContext): readonly string[] {
  const users = (result('editors')?.editors ?? []).flatMap(({ settingsFiles }) =>
    settingsFiles.filter((file) => basename(dirname(file)) === 'User').map((file) => dirname(file)),
  );
  const folders = [...new Set(users)].flatMap((user) => storedFolders(user, files));
  return [...new Set(folders)].filter((folder) =>
    GO_FILES.some((name) => files.exists(join(folder, name))),
  );
}

function storedFolders(user: string, files: Files): readonly string[] {
  const storage = join(user, 'workspaceStorage');
  const entries = files.list(storage);
  if (!entries.ok) return [];
  return entries.value.slice(0, MOST_WORKSPACES).flatMap(({ name }) => {
    const text = files.readText(join(storage, name, 'workspace.json'), FILE_LIMIT);
    const folder = text.ok ? folderOf(text.value) : null;
    return folder === null ? [] : [folder];
  });
}

/** `{"folder": "file:///…"}`; a `.code-workspace` file stands for the folder it lies in. */
function folderOf(text: string): string | null {
  try {
    const stored = JSON.parse(text) as { folder?: unknown; workspace?: unknown } | null;
    if (typeof stored?.folder === 'string') return fileURLToPath(stored.folder);
    return typeof stored?.workspace === 'string' ? dirname(fileURLToPath(stored.workspace)) : null;
  } catch {
    // Remote folders have other schemes, and a torn file names nothing.
    return null;
  }
}
