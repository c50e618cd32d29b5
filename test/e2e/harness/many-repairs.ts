import { join } from 'node:path';
import { cloneRepairs } from '../../fixtures/many-repairs.ts';
import { apply, editJson, workbench, type Workbench } from '../../integration/journal/workbench.ts';
import type { Stage } from '../harness.ts';
import { actAs } from './user.ts';

export const MANY = 10_000;

/** So many programs take turns in the history of {@link layManyRepairs}. */
export const PROGRAMS = 50;

export interface ManyLaid {
  readonly bench: Workbench;
  /** Ids as the history shows them: newest first. */
  readonly ids: readonly string[];
  /** The file that the repair at a place of `ids` edited. */
  readonly fileOf: (place: number) => string;
}

/** One real repair by the engine on top of {@link MANY} - 1 clones of it, and no limits. */
export async function layManyRepairs(stage: Stage): Promise<ManyLaid> {
  const { machine, ...rest } = workbench({ directory: stage.user.directory });
  const bench = { ...rest, machine: { ...machine, user: stage.user } };
  const { config, state } = bench.machine.directories;
  const file = bench.at('settings.json');
  const retention = { repairs: null, days: null, megabytes: null };
  stage.write(join(config, 'settings.json'), JSON.stringify({ retention, language: 'en' }), 0o600);
  stage.write(file, '{ "a": 0 }\n');
  const fileOf = (place: number): string =>
    place === 0 ? file : bench.at('files', `${MANY - 1 - place}.json`);
  return actAs(stage.user, async () => {
    const { id } = await apply(bench, [editJson(file, 'a', 0, 1)]);
    const many = cloneRepairs(join(state, 'journal'), { id, file, program: 'git' }, MANY);
    const ids = [id];
    for (let number = MANY - 2; number >= 0; number -= 1) {
      const program = `tool-${number % PROGRAMS}`;
      many.write({ number, program, file: bench.at('files', `${number}.json`) });
      ids.push(many.idOf(number));
    }
    return { bench, ids, fileOf };
  });
}
