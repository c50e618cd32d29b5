import type { MachineTab } from '../../state/app-store.ts';
import { onDemand, type OnDemand } from '../../app/on-demand.tsx';
import type { TextKey } from '../../i18n/i18n.ts';

/** The views of the machine, in the order of `machineTabs`; each is fetched when it is first shown. */
export const tabs: Readonly<Record<MachineTab, OnDemand & { readonly name: TextKey }>> = {
  overview: {
    name: 'machine.tab.overview',
    ...onDemand(async () => (await import('./Overview.tsx')).Overview),
  },
  components: {
    name: 'machine.tab.components',
    ...onDemand(async () => (await import('../components/ComponentsTab.tsx')).ComponentsTab),
  },
  graph: {
    name: 'machine.tab.graph',
    ...onDemand(async () => (await import('../graph/GraphTab.tsx')).GraphTab),
  },
  processes: {
    name: 'machine.tab.processes',
    ...onDemand(async () => (await import('../processes/ProcessesTab.tsx')).ProcessesTab),
  },
  matrix: {
    name: 'machine.tab.matrix',
    ...onDemand(async () => (await import('../matrix/MatrixTab.tsx')).MatrixTab),
  },
  trace: {
    name: 'machine.tab.trace',
    ...onDemand(async () => (await import('../trace/TraceTab.tsx')).TraceTab),
  },
};
