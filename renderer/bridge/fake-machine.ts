import {
  contract,
  type CallName,
  type Envelope,
  type InputOf,
  type OutputOf,
  type StreamName,
} from '../../shared/contract.ts';
import type { ScanReport } from '../../shared/finding.ts';
import type {
  RecoveryStatus,
  TransactionDetail,
  TransactionOutcome,
} from '../../shared/history.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { PlanReview } from '../../shared/plan.ts';
import { settingsSchema, type Settings } from '../../shared/settings.ts';
import { answerInspection, inspectionJob } from './fake-inspection.ts';
import { CANCELLED, refuse, refused, scanScript, type Job, type JobEnd } from './fake-job.ts';
import { pageOf, pinnedIn, retentionOf } from './fake-history.ts';
import { undoPreviewOf } from './scenarios/history.ts';
import type { Scenario } from './scenarios/index.ts';
import { HOME, info, NOW, SETTINGS_FILE, words } from './scenarios/machine.ts';
import { planFor } from './scenarios/plan.ts';
import { outcomeOf, repairScript, transactionOf } from './scenarios/repair.ts';

type SettingsChange = { readonly [K in keyof Settings]?: Settings[K] | undefined };

function inputOf<N extends CallName | StreamName>(name: N, input: unknown): InputOf<N> {
  return contract[name].input.parse(input) as InputOf<N>;
}

function countApplied(history: readonly TransactionDetail[]): number {
  return history.filter(({ summary }) => summary.status === 'verified' && summary.type === 'apply')
    .length;
}

/**
 * What would be behind the contract, made up: it holds state as the real one
 * does. A repair appears in the history, undo takes it back, dismissed findings
 * stay dismissed.
 */
export class FakeMachine {
  readonly #scenario: Scenario;
  readonly #desktopLanguage: OutputOf<'app.info'>['language'];
  #settings: Settings;
  #report: ScanReport | null;
  #history: TransactionDetail[];
  #recovery: RecoveryStatus;
  readonly #plans = new Map<string, PlanReview>();

  constructor(
    scenario: Scenario,
    settings: Partial<Settings>,
    desktopLanguage: OutputOf<'app.info'>['language'],
  ) {
    this.#scenario = scenario;
    this.#desktopLanguage = desktopLanguage;
    this.#settings = settingsSchema.parse(settings);
    this.#report = scenario.last;
    this.#history = [...scenario.history];
    this.#recovery = scenario.recovery;
  }

  /** Answers a call; the input has been checked against the contract. */
  answer(name: CallName, input: unknown): Envelope<unknown> {
    const good = (data: unknown): Envelope<unknown> => ({ ok: true, data });
    switch (name) {
      case 'app.info':
        return good({
          ...info,
          language:
            this.#settings.language === 'system' ? this.#desktopLanguage : this.#settings.language,
        });
      case 'settings.get':
        return good(this.#settings);
      case 'settings.set':
        return good(this.#change(contract['settings.set'].input.parse(input)));
      case 'programs.choose': {
        const path = `${HOME}/opt/delve/bin/dlv`;
        const programs = [...new Set([...this.#settings.programs, path])];
        return good({ path, settings: this.#change({ programs }) });
      }
      case 'programs.remove':
        return good(this.#removeProgram(inputOf(name, input).path));
      case 'findings.dismiss': {
        const { id, dismissed } = inputOf(name, input);
        const others = this.#settings.dismissed.filter((other) => other !== id);
        return good(this.#change({ dismissed: dismissed ? [...others, id] : others }));
      }
      case 'scan.last':
        return good({ report: this.#report });
      case 'plan.save':
      case 'terminal.save':
      case 'history.export':
        return good({ saved: true });
      case 'history.list':
        return good(pageOf(this.#history, contract['history.list'].input.parse(input)));
      case 'history.pin': {
        const { id, pinned } = inputOf(name, input);
        this.#history = pinnedIn(this.#history, id, pinned);
        return this.#transaction('history.show', id, ({ summary }) => summary);
      }
      case 'retention.preview': {
        const { limits } = contract['retention.preview'].input.parse(input);
        return good(retentionOf(this.#history, limits ?? this.#settings.retention));
      }
      case 'history.show':
      case 'history.undoPreview':
        return this.#transaction(name, inputOf(name, input).id);
      case 'recovery.status':
        return good(this.#recovery);
      case 'job.cancel':
      case 'app.openLink':
        return good({});
      default:
        return answerInspection(name, inputOf(name, input), this.#report !== null);
    }
  }

  #removeProgram(path: string): Settings {
    return this.#change({ programs: this.#settings.programs.filter((other) => other !== path) });
  }

  #change(change: SettingsChange): Settings {
    this.#settings = settingsSchema.parse({ ...this.#settings, ...change });
    return this.#settings;
  }

  #transaction(
    name: 'history.show' | 'history.undoPreview',
    id: string,
    part: (detail: TransactionDetail) => unknown = (detail) => detail,
  ): Envelope<unknown> {
    const detail = this.#history.find((candidate) => candidate.summary.id === id);
    if (detail === undefined) {
      return { ok: false, error: { code: 'not-found', params: { path: id }, correlationId: '' } };
    }
    const conflict = this.#scenario.conflict && detail.summary.status === 'conflict';
    const several = conflict && this.#scenario.several;
    return {
      ok: true,
      data: name === 'history.show' ? part(detail) : undoPreviewOf(id, conflict, several),
    };
  }

  /** Begins a job; the input has been checked against the contract. */
  job(name: StreamName, input: unknown): Job {
    switch (name) {
      case 'scan.start':
        return this.#scan();
      case 'plan.start':
        return this.#plan(inputOf(name, input).requests);
      case 'repair.start':
        return this.#repair(inputOf(name, input).plan);
      case 'undo.start':
        return this.#takeBack(inputOf(name, input));
      case 'redo.start':
        return this.#applyAgain(inputOf(name, input).id);
      case 'recovery.start':
        return this.#recover();
      case 'retention.start':
        return this.#prune(inputOf(name, input).expected);
      default:
        return inspectionJob(name, input);
    }
  }

  #scan(): Job {
    const { scan } = this.#scenario;
    const cancelled = (): JobEnd => ({ ok: false, error: CANCELLED });
    if ('code' in scan) return { script: [], end: () => ({ ok: false, error: scan }), cancelled };
    // The first finding is the one that the scenario repairs.
    const repaired = countApplied(this.#history) > countApplied(this.#scenario.history);
    const findings = repaired ? scan.findings.slice(1) : scan.findings;
    const script = scanScript(scan.probes, findings);
    return {
      script,
      cancelled,
      end: () => {
        this.#report = { ...scan, findings };
        return { ok: true, result: this.#report };
      },
    };
  }

  #plan(requests: InputOf<'plan.start'>['requests']): Job {
    const { plan } = this.#scenario;
    const findings = requests.flatMap(
      (request) => this.#report?.findings.filter((finding) => finding.id === request.finding) ?? [],
    );
    return {
      script: [{ type: 'phase', phase: words('scenario.phase.index') }],
      cancelled: () => ({ ok: false, error: CANCELLED }),
      end: () => {
        if (plan !== null) return { ok: false, error: plan };
        const review = planFor(
          findings,
          requests.map((request) => request.choices),
          this.#plans.size + 1,
        );
        this.#plans.set(review.plan.id, review);
        return { ok: true, result: review };
      },
    };
  }

  #repair(planId: string): Job {
    const review = this.#plans.get(planId);
    const { repair } = this.#scenario;
    if (review === undefined) return refused('not-found');
    if (repair === 'stale') return refused('plan-stale', { path: SETTINGS_FILE });
    const id = `t-1${String(this.#history.length).padStart(3, '0')}`;
    const finish = (outcome: TransactionOutcome): JobEnd => {
      this.#history.unshift(transactionOf(review, outcome));
      return { ok: true, result: outcome };
    };
    const script = repairScript(review, repair);
    return {
      script: repair === 'slow' ? script.slice(0, 6) : script,
      endless: repair === 'slow',
      end: () => finish(outcomeOf(review, repair, id)),
      cancelled: () => finish({ ...outcomeOf(review, 'rolled-back', id), failure: CANCELLED }),
    };
  }

  #takeBack({ id, onConflict }: InputOf<'undo.start'>): Job {
    const detail = this.#history.find((candidate) => candidate.summary.id === id);
    if (detail === undefined) return refused('not-found');
    const preview = undoPreviewOf(
      id,
      this.#scenario.conflict && detail.summary.status === 'conflict',
    );
    const steps = preview.items.map((item, index) => ({ id: `undo-${index}`, title: item.title }));
    const kept = preview.items.filter(
      (item) => item.standing === 'changed' && onConflict === 'keep',
    );
    const script: JobProgress[] = [
      { type: 'steps', steps },
      ...steps.flatMap((step): JobProgress[] => [
        { type: 'step', id: step.id, state: 'running', detail: null, ms: null },
        { type: 'step', id: step.id, state: 'done', detail: null, ms: 30 },
      ]),
    ];
    const outcome: TransactionOutcome = {
      id: `${id}-undo`,
      status: 'verified',
      title: detail.summary.title,
      verifications: [],
      failure: null,
      durationMs: 120,
      kept: kept.map((item) => item.target),
    };
    return {
      script,
      cancelled: () => ({
        ok: true,
        result: { ...outcome, status: 'rolled-back', failure: CANCELLED },
      }),
      end: () => {
        this.#setStatus(id, 'undone');
        return { ok: true, result: outcome };
      },
    };
  }

  #applyAgain(id: string): Job {
    const detail = this.#history.find((candidate) => candidate.summary.id === id);
    return {
      script: [],
      cancelled: () => refuse('cancelled'),
      end: () => {
        if (detail === undefined) return refuse('not-found');
        this.#setStatus(id, 'verified');
        return {
          ok: true,
          result: {
            id: `${id}-redo`,
            status: 'verified',
            title: detail.summary.title,
            verifications: detail.verifications,
            failure: null,
            durationMs: 900,
            kept: [],
          },
        };
      },
    };
  }

  #setStatus(id: string, status: 'undone' | 'verified'): void {
    this.#history = this.#history.map((detail) =>
      detail.summary.id === id
        ? {
            ...detail,
            canUndo: status === 'verified',
            canRedo: status === 'undone',
            summary: {
              ...detail.summary,
              status,
              undoneBy: status === 'undone' ? { id: `${id}-undo`, at: NOW } : null,
            },
          }
        : detail,
    );
  }

  #prune(expected: readonly string[]): Job {
    return {
      script: [],
      cancelled: () => refuse('cancelled'),
      end: () => {
        const { expired, freedBytes } = retentionOf(this.#history, this.#settings.retention);
        const removed = expired.map(({ id }) => id).filter((id) => expected.includes(id));
        this.#history = this.#history.filter(({ summary }) => !removed.includes(summary.id));
        return { ok: true, result: { removed, freedBytes, failures: [] } };
      },
    };
  }

  #recover(): Job {
    const outcomes = this.#recovery.interrupted.map((transaction) => ({
      id: transaction.id,
      status: 'rolled-back',
      title: transaction.title,
      verifications: [],
      failure: null,
      durationMs: 300,
      kept: [],
    }));
    return {
      script: [],
      cancelled: () => refuse('cancelled'),
      end: () => {
        this.#recovery = { ...this.#recovery, interrupted: [] };
        return { ok: true, result: { outcomes } };
      },
    };
  }
}
