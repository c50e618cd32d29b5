import { createContext, use, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { DevmendBridge } from '../../shared/bridge.ts';
import type { WizardState } from '../app/wizard-state.ts';
import { createClient, type Client } from '../bridge/client.ts';
import type { Speech } from '../i18n/i18n.ts';
import { Transcript } from '../terminal/transcript.ts';
import { createApp, type AppControl, type AppState } from './app-store.ts';
import { createHistory, type HistoryControl, type HistoryState } from './history-store.ts';
import {
  createInspections,
  type InspectionControl,
  type InspectionState,
} from './inspection-store.ts';
import { createWizard, type WizardControl } from './wizard-store.ts';

/** Everything one window consists of, apart from what is drawn. */
export interface DevmendWindow {
  readonly client: Client;
  readonly speech: Speech;
  readonly app: AppControl;
  readonly wizard: WizardControl;
  readonly history: HistoryControl;
  readonly inspections: InspectionControl;
  /** Terminal output of the wizard's repair, and of undo and redo in the history. */
  readonly repairTranscript: Transcript;
  readonly historyTranscript: Transcript;
  /** What a launch that is watched prints. */
  readonly traceTranscript: Transcript;
}

/** Wires stores, client and words together. */
export function createDevmendWindow(bridge: DevmendBridge, speech: Speech): DevmendWindow {
  const client = createClient(bridge);
  const now = () => performance.now();
  const say = speech.say;
  const repairTranscript = new Transcript();
  const historyTranscript = new Transcript();
  const traceTranscript = new Transcript();
  const inspections = createInspections({ client, transcript: traceTranscript, now, say });
  const history = createHistory({ client, transcript: historyTranscript, now, say });
  const app = createApp(client, () => void history.load());
  const wizard = createWizard({
    client,
    transcript: repairTranscript,
    now,
    say,
    dismissed: () => app.store.getState().settings?.dismissed ?? [],
    historyChanged: () => {
      void history.load();
      void app.refreshRecovery();
    },
  });
  return {
    ...{ client, speech, app, wizard, history, inspections },
    ...{ repairTranscript, historyTranscript, traceTranscript },
  };
}

const WindowContext = createContext<DevmendWindow | null>(null);

export function WindowProvider(props: {
  readonly value: DevmendWindow;
  readonly children: ReactNode;
}) {
  return <WindowContext value={props.value}>{props.children}</WindowContext>;
}

/** The window this component is part of. */
export function useDevmend(): DevmendWindow {
  const value = use(WindowContext);
  if (value === null) throw new Error('rendered outside of a WindowProvider');
  return value;
}

/** Words in the window's language; the component is drawn again when that changes. */
export function useSpeech(): Speech {
  const { speech } = useDevmend();
  useTranslation(undefined, { i18n: speech.i18n });
  return speech;
}

export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(useDevmend().app.store, select);
}

export function useWizard<T>(select: (state: WizardState) => T): T {
  return useStore(useDevmend().wizard.store, select);
}

export function useHistory<T>(select: (state: HistoryState) => T): T {
  return useStore(useDevmend().history.store, select);
}

export function useInspections<T>(select: (state: InspectionState) => T): T {
  return useStore(useDevmend().inspections.store, select);
}
