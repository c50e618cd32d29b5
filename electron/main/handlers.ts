import { links, type AppInfo, type OutputOf } from '../../shared/contract.ts';
import { fail, ok, type Result } from '../../shared/error.ts';
import type { Settings } from '../../shared/settings.ts';
import { redactLine } from '../engine/changes/redact-line.ts';
import type { Jobs, StreamContext } from '../ipc/jobs.ts';
import type { CallHandlers, StreamHandlers } from '../ipc/registrar.ts';
import { whoApplies } from '../privilege/who-applies.ts';
import type { Desktop } from './desktop.ts';
import type { Engine } from './engine.ts';
import type { EngineTask } from './engine-protocol.ts';
import type { Session } from './session.ts';
import type { SettingsStore } from './settings-store.ts';

/** What the handlers work with. */
export interface HandlerParts {
  readonly engine: Engine;
  readonly session: Session;
  readonly settings: SettingsStore;
  readonly desktop: Desktop;
  readonly jobs: Jobs;
  readonly info: () => AppInfo;
  /** Told after every change of the settings (theme, language of the menu). */
  readonly onSettings: (settings: Settings) => void;
}

/** What each call of the contract does. */
export function callHandlers(parts: HandlerParts): CallHandlers {
  const { engine, session, settings, desktop } = parts;

  async function change(edit: (settings: Settings) => Settings): Promise<Result<Settings>> {
    const changed = await settings.change(edit);
    parts.onSettings(changed);
    return ok(changed);
  }

  return {
    'app.info': () => ok(parts.info()),
    'app.openLink': async ({ link }) => {
      await desktop.openAddress(links[link]);
      return ok({});
    },
    'settings.get': () => ok(settings.current()),
    'settings.set': ({ language, theme, retention }) =>
      change((now) => ({
        ...now,
        retention: retention ?? now.retention,
        language: language ?? now.language,
        theme: theme ?? now.theme,
      })),
    'programs.choose': async () => {
      const path = await desktop.chooseProgram();
      if (path === null) return ok({ path, settings: settings.current() });
      const changed = await change((now) => ({
        ...now,
        programs: now.programs.includes(path) ? now.programs : [...now.programs, path],
      }));
      return changed.ok ? ok({ path, settings: changed.value }) : changed;
    },
    'programs.remove': ({ path }) =>
      change((now) => ({ ...now, programs: now.programs.filter((one) => one !== path) })),
    'findings.dismiss': ({ id, dismissed }) =>
      change((now) => {
        const others = now.dismissed.filter((one) => one !== id);
        return { ...now, dismissed: dismissed ? [...others, id] : others };
      }),
    'scan.last': () => ok({ report: session.lastReport }),
    'plan.save': async ({ plan }) => {
      const known = session.planOf(plan);
      if (known === null) return fail('not-found', { path: plan });
      return ok({ saved: await desktop.saveText('plan', `${JSON.stringify(known, null, 2)}\n`) });
    },
    'history.list': (query) => ask(engine, { method: 'history', query }),
    'history.pin': ({ id, pinned }) => ask(engine, { method: 'pin', id, pinned }),
    'history.export': async ({ id, form }) => {
      const { language } = parts.info();
      const text = await ask<string>(engine, { method: 'exportEntry', id, form, language });
      if (!text.ok) return text;
      return ok({ saved: await desktop.saveText(`entry-${form}`, text.value) });
    },
    'retention.preview': ({ limits }) =>
      ask(engine, {
        method: 'retentionPreview',
        limits: limits ?? settings.current().retention,
      }),
    'history.show': ({ id }) => ask(engine, { method: 'show', id }),
    'history.undoPreview': ({ id }) => ask(engine, { method: 'undoPreview', id }),
    'recovery.status': () => ask(engine, { method: 'recoveryStatus' }),
    'programs.list': () => ask(engine, { method: 'programs' }),
    'dependencies.show': ({ id }) => ask(engine, { method: 'dependencies', id }),
    'components.show': () => ask(engine, { method: 'components' }),
    'processes.show': () => ask(engine, { method: 'processes' }),
    'matrix.show': () => ask(engine, { method: 'matrix' }),
    'job.cancel': ({ job }) => {
      // A job that has just ended is as good as cancelled.
      parts.jobs.cancel(job);
      return ok({});
    },
    'terminal.save': async ({ text }) =>
      ok({ saved: await desktop.saveText('terminal', withoutSecrets(text)) }),
  };
}

/** What each stream of the contract does. Work that changes the machine is finished without a window. */
export function streamHandlers(parts: HandlerParts): StreamHandlers {
  const { engine, session, settings, desktop } = parts;
  const programs = (): readonly string[] => settings.current().programs;
  return {
    'scan.start': {
      whenAbandoned: 'cancel',
      run: async (_input, context) => {
        const scanned = await ask<OutputOf<'scan.start'>>(
          engine,
          { method: 'scan', programs: programs() },
          context,
        );
        if (scanned.ok) session.lastReport = scanned.value;
        return scanned;
      },
    },
    'plan.start': {
      whenAbandoned: 'cancel',
      run: async ({ requests }, context) => {
        const planned = await ask<OutputOf<'plan.start'>>(
          engine,
          { method: 'plan', programs: programs(), requests },
          context,
        );
        if (planned.ok) session.keepPlan(planned.value.plan);
        return planned;
      },
    },
    'upgrade.start': {
      whenAbandoned: 'cancel',
      run: async ({ target: kind }, context) => {
        const target = await desktop.chooseLibc(kind);
        return target === null
          ? ok({ report: null })
          : ask(engine, { method: 'upgrade', target }, context);
      },
    },
    'trace.start': {
      whenAbandoned: 'cancel',
      run: ({ id, arguments: args }, context) =>
        ask(engine, { method: 'trace', id, arguments: args }, context),
    },
    'repair.start': {
      whenAbandoned: 'finish',
      run: ({ plan }, context) => {
        const known = session.planOf(plan);
        if (known === null) return fail('not-found', { path: plan });
        const who = whoApplies(known);
        return who.ok ? ask(engine, { method: 'apply', plan: known }, context) : who;
      },
    },
    'undo.start': {
      whenAbandoned: 'finish',
      run: ({ id, onConflict }, context) =>
        ask(engine, { method: 'undo', id, onConflict }, context),
    },
    'redo.start': {
      whenAbandoned: 'finish',
      run: ({ id }, context) => ask(engine, { method: 'redo', id }, context),
    },
    'retention.start': {
      whenAbandoned: 'finish',
      run: ({ expected }, context) => {
        const limits = settings.current().retention;
        return ask(engine, { method: 'prune', limits, expected }, context);
      },
    },
    'recovery.start': {
      whenAbandoned: 'finish',
      run: async (_input, context) => {
        const recovered = await ask<OutputOf<'recovery.start'>['outcomes']>(
          engine,
          { method: 'recover' },
          context,
        );
        return recovered.ok ? ok({ outcomes: recovered.value }) : recovered;
      },
    },
  };
}

/** What leaves Devmend for a file that may be sent to somebody. */
function withoutSecrets(text: string): string {
  return text.split('\n').map(redactLine).join('\n');
}

/** The engine's answer; its shape is checked against the contract on the way out. */
async function ask<T>(
  engine: Engine,
  task: EngineTask,
  context?: StreamContext,
): Promise<Result<T>> {
  return (await engine.run(task, context)) as Result<T>;
}
