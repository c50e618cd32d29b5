// Sets and reads the fuses of an Electron executable.
import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';

/** Bytes of the fuse wire: '0' off, '1' on, 'r' removed in this Electron. */
const STATES = { 0x30: false, 0x31: true, 0x72: null };

/**
 * Reads the fuses of an executable.
 *
 * @param {string} executable
 * @returns {Promise<Record<string, boolean | null | undefined>>} undefined: this Electron has no such fuse
 */
export async function readFuses(executable) {
  const wire = await getCurrentFuseWire(executable);
  return Object.fromEntries(fuseNames().map((name) => [name, STATES[wire[FuseV1Options[name]]]]));
}

/**
 * Writes fuses into an executable, in place. Fuses that this Electron does not
 * have yet (its wire is shorter) are left out.
 *
 * @param {string} executable
 * @param {Readonly<Record<string, boolean>>} wanted
 */
export async function setFuses(executable, wanted) {
  const wire = await getCurrentFuseWire(executable);
  const settings = Object.entries(wanted)
    .map(([name, on]) => [FuseV1Options[name], on])
    .filter(([option]) => wire[option] !== undefined);
  await flipFuses(executable, { version: FuseVersion.V1, ...Object.fromEntries(settings) });
}

function fuseNames() {
  return Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)));
}
