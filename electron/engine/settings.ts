import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsSchema, type Settings } from '../../shared/settings.ts';

/** A settings file as it was found. */
export interface StoredSettings {
  readonly settings: Settings;
  /** `broken`: the file is there but is not what Devmend writes; `settings` are the defaults. */
  readonly state: 'stored' | 'absent' | 'broken';
}

/** Path of settings.json below a configuration directory. */
export function settingsFile(configDirectory: string): string {
  return join(configDirectory, 'settings.json');
}

/** Devmend's settings where nothing is stored. */
export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}

/**
 * Reads the settings of a configuration directory. Never fails: a file that
 * cannot be read or understood counts as broken and gives the defaults.
 */
export async function readSettings(configDirectory: string): Promise<StoredSettings> {
  let text: string;
  try {
    text = await readFile(settingsFile(configDirectory), 'utf8');
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { settings: defaultSettings(), state: absent ? 'absent' : 'broken' };
  }
  const settings = parseSettings(text);
  return settings === null
    ? { settings: defaultSettings(), state: 'broken' }
    : { settings, state: 'stored' };
}

/** The settings in a text, or null when it is not JSON or not of this shape. */
export function parseSettings(text: string): Settings | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  // Keys of a newer Devmend are left out rather than making the whole file unreadable.
  const parsed = settingsSchema.strip().safeParse(value);
  return parsed.success ? parsed.data : null;
}
