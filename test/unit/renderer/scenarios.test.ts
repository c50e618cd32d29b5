import { describe, expect, it } from 'vitest';
import { FakeBridge } from '../../../renderer/bridge/fake.ts';
import { scenarios, type ScenarioName } from '../../../renderer/bridge/scenarios/index.ts';
import { scenarioTexts } from '../../../renderer/bridge/scenarios/texts.ts';
import { createClient } from '../../../renderer/bridge/client.ts';
import { componentReportSchema } from '../../../shared/component.ts';
import { libcChangeReportSchema } from '../../../shared/libc-change.ts';
import { matrixReportSchema } from '../../../shared/matrix.ts';
import { processReportSchema } from '../../../shared/process.ts';
import { traceReportSchema } from '../../../shared/trace.ts';
import { errorDataSchema } from '../../../shared/error.ts';
import { scanReportSchema } from '../../../shared/finding.ts';
import { transactionDetailSchema, undoPreviewSchema } from '../../../shared/history.ts';
import { jobProgressSchema } from '../../../shared/job.ts';
import { planReviewSchema } from '../../../shared/plan.ts';
import { catalogs } from '../../../shared/messages/catalogs.ts';
import { gitFinding, weakFinding } from '../../../renderer/bridge/scenarios/findings.ts';
import { undoPreviewOf } from '../../../renderer/bridge/scenarios/history.ts';
import { planFor } from '../../../renderer/bridge/scenarios/plan.ts';
import { componentReport } from '../../../renderer/bridge/scenarios/inspection-components.ts';
import { matrixReport } from '../../../renderer/bridge/scenarios/inspection-matrix.ts';
import { processReport } from '../../../renderer/bridge/scenarios/inspection-processes.ts';
import {
  changeReport,
  traceReport,
  traceScript,
} from '../../../renderer/bridge/scenarios/inspection-work.ts';
import { repairScript } from '../../../renderer/bridge/scenarios/repair.ts';

/** What the inspections of the fake show. */
const inspections = {
  componentReport,
  matrixReport,
  processReport,
  changeReport,
  launches: ['program-dlv', 'program-gopls'].map((id) => traceReport(id, ['--version'])),
  script: traceScript('program-dlv', []),
};

const names = Object.keys(scenarios) as ScenarioName[];

/** Every `key` of a message somewhere in a value. */
function messageKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own =
    'key' in value && 'params' in value && typeof value.key === 'string' ? [value.key] : [];
  return [...own, ...Object.values(value).flatMap(messageKeys)];
}

describe('the scenarios of the browser fake', () => {
  it.each(names)('%s fits the contract', (name) => {
    const scenario = scenarios[name];
    if (scenario.last !== null) scanReportSchema.parse(scenario.last);
    if ('code' in scenario.scan) errorDataSchema.parse(scenario.scan);
    else scanReportSchema.parse(scenario.scan);
    for (const detail of scenario.history.slice(0, 20)) transactionDetailSchema.parse(detail);
  });

  it('has plans, scripts and previews that fit the contract', () => {
    const review = planReviewSchema.parse(planFor([gitFinding, weakFinding], [{}, {}], 1));
    for (const ending of ['verified', 'rolled-back'] as const) {
      for (const event of repairScript(review, ending)) jobProgressSchema.parse(event);
    }
    undoPreviewSchema.parse(undoPreviewOf('t-1', true, true));
    componentReportSchema.parse(componentReport);
    matrixReportSchema.parse(matrixReport);
    processReportSchema.parse(processReport);
    libcChangeReportSchema.parse(changeReport);
    for (const launch of inspections.launches) traceReportSchema.parse(launch);
  });

  it('A4.12 says nothing that is in no catalog', () => {
    const review = planFor([gitFinding, weakFinding], [{}, {}], 1);
    const said = [
      ...messageKeys(scenarios),
      ...messageKeys(inspections),
      ...messageKeys(review),
      ...messageKeys(repairScript(review, 'verified')),
      ...messageKeys(undoPreviewOf('t-1', true, true)),
    ];
    for (const language of ['en', 'zh-CN'] as const) {
      const known = { ...catalogs[language], ...scenarioTexts[language] };
      const missing = said.filter(
        (key) => !(key in known) && !(`${key}_one` in known) && !(`${key}_other` in known),
      );
      expect([...new Set(missing)]).toEqual([]);
    }
  });

  it('keeps state as the real one does: a repair is in the history and can be undone', async () => {
    const client = createClient(new FakeBridge(scenarios.git));
    const requests = [{ finding: gitFinding.id, repair: 'glibc-sandbox', choices: {} }];
    const plan = await client.stream('plan.start', { requests }, () => undefined).result;
    if (!plan.ok) throw new Error(plan.error.code);
    const repair = await client.stream(
      'repair.start',
      { plan: plan.value.plan.id },
      () => undefined,
    ).result;
    if (!repair.ok) throw new Error(repair.error.code);
    const shown = await client.call('history.show', { id: repair.value.id });
    expect(shown.ok && shown.value.canUndo).toBe(true);
    const undo = { id: repair.value.id, onConflict: 'stop' } as const;
    await client.stream('undo.start', undo, () => undefined).result;
    const again = await client.call('history.show', { id: repair.value.id });
    expect(again.ok && again.value.summary.status).toBe('undone');
  });

  it('refuses input that is not of the contract', async () => {
    const bridge = new FakeBridge(scenarios.git);
    for (const input of [null, { id: 1 }, { id: 'x', more: 1 }]) {
      const answer = await bridge.call('history.show', input);
      expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    }
    expect(await bridge.start('history.show', {}, () => undefined)).toMatchObject({ ok: false });
  });
});
