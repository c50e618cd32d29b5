import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { changeKindNames } from '../../electron/engine/changes/registry.ts';
import { effectKindNames } from '../../electron/engine/effects/registry.ts';
import { beginSchema } from '../../electron/engine/journal/entries.ts';
import { operations, type Operation } from './operations.ts';
import { scenarios } from './registry.ts';
import type { Scenario } from './scenario.ts';

/** What there is, as the engine's own registries and sources say. */
export interface Engine {
  readonly kinds: readonly string[];
  /** Kinds of effects that are no files. */
  readonly effects: readonly string[];
  /** Operations that a transaction can be. */
  readonly operations: readonly string[];
  /** Files below electron/ that take the journal's lock: each of them writes. */
  readonly writers: readonly string[];
}

/** Reads the engine; `repository` is its root. */
export function readEngine(repository: string): Engine {
  const electron = join(repository, 'electron');
  const writers = readdirSync(electron, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'engine/journal/lock.ts')
    .filter((name) => /\btakeLock\(/.test(readFileSync(join(electron, name), 'utf8')));
  return {
    kinds: changeKindNames,
    effects: effectKindNames,
    operations: beginSchema.shape.operation.options,
    writers,
  };
}

/** What the engine has and the campaign does not interrupt, one sentence each. */
export function uncovered(
  engine: Engine,
  campaign: {
    readonly scenarios: readonly Pick<Scenario, 'kinds' | 'effects'>[];
    readonly operations: readonly Pick<Operation, 'name' | 'source' | 'kinds'>[];
  } = { scenarios, operations },
): readonly string[] {
  const kinds: readonly string[] = [...campaign.scenarios, ...campaign.operations].flatMap(
    (each) => each.kinds,
  );
  const effects: readonly string[] = campaign.scenarios.flatMap((each) => each.effects ?? []);
  const names = campaign.operations.map(({ name }) => name);
  const sources = campaign.operations.map(({ source }) => source);
  return [
    ...engine.kinds
      .filter((kind) => !kinds.includes(kind))
      .map((kind) => `No scenario of test/crash has a change of kind ${kind}.`),
    ...engine.effects
      .filter((kind) => !effects.includes(kind))
      .map((kind) => `No scenario of test/crash has an effect of kind ${kind}.`),
    ...engine.operations
      .filter((name) => !names.includes(name))
      .map((name) => `The operation ${name} is not in test/crash/operations.ts.`),
    ...engine.writers
      .filter((file) => !sources.includes(file))
      .map((file) => `electron/${file} takes the lock and is no operation of test/crash.`),
  ];
}
