import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Starts the window, detached from this terminal. False where there is none to start. */
export function startDesktop(): boolean {
  const program = desktopCommand(process.execPath, process.env, process.getuid?.() ?? 0);
  if (program === null) return false;
  spawn(program, [], { detached: true, stdio: 'ignore' }).unref();
  return true;
}

/**
 * The packaged app's program beside this one (`…/resources/cli/devmend` belongs to
 * `…/devmend-desktop`), or null: without a display, as root (the window never runs
 * as root), or where this program runs on its own.
 */
export function desktopCommand(
  executable: string,
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
): string | null {
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return null;
  if (uid === 0) return null;
  try {
    const beside = join(dirname(realpathSync(executable)), 'devmend-desktop');
    accessSync(beside, constants.X_OK);
    return beside;
  } catch {
    return null;
  }
}
