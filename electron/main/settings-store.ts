import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Settings } from '../../shared/settings.ts';
import { guarded } from '../engine/faults.ts';
import { readSettings, settingsFile } from '../engine/settings.ts';

/** The settings of this session and their file. */
export interface SettingsStore {
  readonly current: () => Settings;
  /**
   * Writes what `edit` makes of the current settings; calls wait for each other.
   * Rejects with a DevmendError when the file cannot be written; nothing has changed then.
   */
  readonly change: (edit: (settings: Settings) => Settings) => Promise<Settings>;
}

/**
 * Opens the settings below a configuration directory. A broken file is kept
 * aside as `settings.json.broken`, and the defaults take its place.
 */
export async function openSettings(configDirectory: string): Promise<SettingsStore> {
  const file = settingsFile(configDirectory);
  const stored = await readSettings(configDirectory);
  if (stored.state === 'broken') await rename(file, `${file}.broken`).catch(() => undefined);
  let current = stored.settings;
  let queue: Promise<unknown> = Promise.resolve();
  return {
    current: () => current,
    change(edit) {
      const done = queue.then(async () => {
        const next = edit(current);
        await guarded(file, () => writePrivately(file, `${JSON.stringify(next, null, 2)}\n`));
        current = next;
        return next;
      });
      queue = done.catch(() => undefined);
      return done;
    },
  };
}

/** Replaces a file in one step, readable by its owner only, durable when this resolves. */
export async function writePrivately(file: string, text: string): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
