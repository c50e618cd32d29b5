import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppInfo, InputOf } from '../../shared/contract.ts';
import type { ErrorData, Result } from '../../shared/error.ts';
import type { RecoveryStatus, TransactionOutcome } from '../../shared/history.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Client } from '../bridge/client.ts';

export const routes = ['repair', 'history', 'machine', 'settings'] as const;
export type Route = (typeof routes)[number];

/** What the machine can be looked at as; `features/machine/tabs.ts` says what each one shows. */
export const machineTabs = [
  'overview',
  'components',
  'graph',
  'processes',
  'matrix',
  'trace',
] as const;
export type MachineTab = (typeof machineTabs)[number];

/** Where on the Machine screen to go. `program` is an id of `programs.list`. */
export interface MachinePlace {
  readonly tab: MachineTab;
  readonly program?: string | null;
}

/** What the whole window needs to know, apart from the wizard and the history. */
export interface AppState {
  readonly route: Route;
  /** The tab last looked at, and the program chosen there. */
  readonly machine: { readonly tab: MachineTab; readonly program: string | null };
  readonly info: AppInfo | null;
  readonly settings: Settings | null;
  readonly recovery: RecoveryStatus | null;
  readonly recovering: 'no' | 'running' | 'finished';
  readonly recovered: readonly TransactionOutcome[];
  /** The last call that failed, until the next one succeeds or it is put away. */
  readonly problem: ErrorData | null;
}

export interface AppControl {
  readonly store: StoreApi<AppState>;
  /** Without a place: to the tab that was looked at last. */
  go(route: Route, place?: MachinePlace): void;
  load(): Promise<void>;
  refreshRecovery(): Promise<void>;
  recover(): Promise<void>;
  changeSettings(change: InputOf<'settings.set'>): Promise<void>;
  /** Opens the desktop's file dialog. Answers the path, or null when nothing was chosen. */
  addProgram(): Promise<string | null>;
  removeProgram(path: string): Promise<void>;
  dismiss(finding: string, dismissed: boolean): Promise<void>;
  openLink(link: InputOf<'app.openLink'>['link']): Promise<void>;
  forgetProblem(): void;
}

const initialApp: AppState = {
  route: 'repair',
  machine: { tab: 'overview', program: null },
  info: null,
  settings: null,
  recovery: null,
  recovering: 'no',
  recovered: [],
  problem: null,
};

function goneTo(route: Route, place: MachinePlace | undefined) {
  return ({ machine }: AppState) => ({ route, machine: { ...machine, ...place } });
}

/** Builds the window's general state around a client. `historyChanged` is called after a recovery. */
export function createApp(client: Client, historyChanged: () => void): AppControl {
  const store = createStore<AppState>(() => initialApp);

  /** Keeps the failure for the notice in the shell, or hands out the value. */
  function accept<T>(result: Result<T>): T | null {
    store.setState({ problem: result.ok ? null : result.error });
    return result.ok ? result.value : null;
  }
  function takeSettings(result: Result<Settings>): void {
    const settings = accept(result);
    if (settings !== null) store.setState({ settings });
  }
  async function refreshRecovery(): Promise<void> {
    const recovery = await client.call('recovery.status', {});
    if (recovery.ok) store.setState({ recovery: recovery.value });
  }

  return {
    store,
    refreshRecovery,
    go: (route, place) => store.setState(goneTo(route, place)),
    async load() {
      const [info, settings] = await Promise.all([
        client.call('app.info', {}),
        client.call('settings.get', {}),
      ]);
      if (info.ok) store.setState({ info: info.value });
      if (settings.ok) store.setState({ settings: settings.value });
      const failed = [info, settings].find((result) => !result.ok);
      if (failed !== undefined && !failed.ok) store.setState({ problem: failed.error });
      // Asks the engine, which starts for it: language and theme do not wait for that.
      await refreshRecovery();
    },
    async recover() {
      store.setState({ recovering: 'running', recovered: [] });
      const result = await client.stream('recovery.start', {}, () => undefined).result;
      const answer = accept(result);
      store.setState({
        recovering: answer === null ? 'no' : 'finished',
        recovered: answer?.outcomes ?? [],
      });
      await refreshRecovery();
      historyChanged();
    },
    async changeSettings(change) {
      takeSettings(await client.call('settings.set', change));
      // The main process resolves what language "system" stands for.
      const info = await client.call('app.info', {});
      if (info.ok) store.setState({ info: info.value });
    },
    async addProgram() {
      const answer = accept(await client.call('programs.choose', {}));
      if (answer === null) return null;
      store.setState({ settings: answer.settings });
      return answer.path;
    },
    removeProgram: async (path) => takeSettings(await client.call('programs.remove', { path })),
    dismiss: async (id, dismissed) =>
      takeSettings(await client.call('findings.dismiss', { id, dismissed })),
    async openLink(link) {
      accept(await client.call('app.openLink', { link }));
    },
    forgetProblem: () => store.setState({ problem: null }),
  };
}
