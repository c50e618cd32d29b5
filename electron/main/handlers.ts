import { links, type AppInfo, type OutputOf } from '../../shared/contract.ts';
import { fail, ok, type Result } from '../../shared/error.ts';
import type { Settings } from '../../shared/settings.ts';
import { redactText } from '../engine/secrets/redact-text.ts';
import type { Jobs } from '../ipc/jobs.ts';
import type { CallHandlers, StreamHandlers } from '../ipc/registrar.ts';
import { whoApplies } from '../privilege/who-applies.ts';
import { ask } from './ask.ts';
import type { Desktop } from './desktop.ts';
import type { Engine } from './engine.ts';
import { historyCalls, historyStreams } from './handlers-history.ts';
import { inspectionCalls, inspectionStreams } from './handlers-inspection.ts';
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
    ...historyCalls(parts),
    ...inspectionCalls(parts),
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
    'recovery.status': () => ask(engine, { method: 'recoveryStatus' }),
    'job.cancel': ({ job }) => {
      // A job that has just ended is as good as cancelled.
      parts.jobs.cancel(job);
      return ok({});
    },
    'terminal.save': async ({ text }) =>
      ok({ saved: await desktop.saveText('terminal', redactText(text)) }),
  };
}

/** What each stream of the contract does. Work that changes the machine is finished without a window. */
export function streamHandlers(parts: HandlerParts): StreamHandlers {
  const { engine, session, settings } = parts;
  const programs = (): readonly string[] => settings.current().programs;
  return {
    ...historyStreams(parts),
    ...inspectionStreams(parts),
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
    'repair.start': {
      whenAbandoned: 'finish',
      run: ({ plan }, context) => {
        const known = session.planOf(plan);
        if (known === null) return fail('not-found', { path: plan });
        const who = whoApplies(known);
        return who.ok ? ask(engine, { method: 'apply', plan: known }, context) : who;
      },
    },
  };
}
