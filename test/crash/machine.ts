import { join } from 'node:path';
import type { Machine } from '../../electron/engine/machine.ts';
import { runWithPipes } from '../../electron/engine/pipes-runner.ts';
import { planSchema, type Plan } from '../../shared/plan.ts';

/** What the interrupted program is told: where everything lies, and the repair. */
export interface Setting {
  readonly home: string;
  readonly state: string;
  readonly plan: Plan;
}

/** Reads what was written with JSON.stringify. */
export function readSetting(text: string): Setting {
  const { home, state, plan } = JSON.parse(text) as Setting;
  return { home, state, plan: planSchema.parse(plan) };
}

/** The machine with this home, whose journal may lie on another file system. */
export function machineOf(home: string, state: string): Machine {
  return {
    root: '/',
    home,
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, name: 'user' },
    environment: {},
    clock: () => new Date(),
    run: runWithPipes,
    directories: {
      config: join(home, '.config/devmend'),
      state,
      cache: join(home, '.cache/devmend'),
      data: join(home, '.local/share/devmend'),
    },
    version: '0.1.0',
  };
}
