import type { ComponentRole } from '../../../shared/component.ts';

/** Without these an editor is of no use for writing Go; the first is missed most. */
const ESSENTIAL: readonly ComponentRole[] = [
  'editor',
  'server',
  'terminal',
  'search',
  'file-watcher',
  'log',
  'storage',
  'go',
  'gopls',
  'dlv',
];
/** Nobody notices at once, or the editor has another way. */
const OPTIONAL: ReadonlySet<ComponentRole> = new Set([
  'policy',
  'device-id',
  'file-copy',
  'watchdog',
  'crash-handler',
  'opened-library',
]);

/** How much a person loses with a component of this role. */
export function importanceOf(role: ComponentRole): 'essential' | 'useful' | 'optional' {
  if (OPTIONAL.has(role)) return 'optional';
  return ESSENTIAL.includes(role) ? 'essential' : 'useful';
}

/** For sorting: what is missed most has the lowest number. */
export function rankOfRole(role: ComponentRole): number {
  if (OPTIONAL.has(role)) return ESSENTIAL.length + 1;
  const at = ESSENTIAL.indexOf(role);
  return at < 0 ? ESSENTIAL.length : at;
}
