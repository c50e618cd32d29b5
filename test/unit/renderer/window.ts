import { cleanup, configure, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createElement } from 'react';
import { afterEach, beforeEach, vi } from 'vitest';
import { App } from '../../../renderer/app/App.tsx';
import { FakeBridge, type FakeOptions } from '../../../renderer/bridge/fake.ts';
import { scenarios, type ScenarioName } from '../../../renderer/bridge/scenarios/index.ts';
import { scenarioTexts } from '../../../renderer/bridge/scenarios/texts.ts';
import { createSpeech } from '../../../renderer/i18n/i18n.ts';
import { createDevmendWindow } from '../../../renderer/state/window.tsx';

/** Size that every element claims to have; jsdom lays nothing out. */
const SIZE = 600;

// A busy machine takes its time; no test is decided by it.
configure({ asyncUtilTimeout: 20_000 });

/** What jsdom lacks and the window needs. Call it once in a test file. */
export function prepareBrowser(): void {
  beforeEach(() => {
    vi.stubGlobal('matchMedia', () => ({
      matches: false,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }));
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe(): void {}
        unobserve(): void {}
        disconnect(): void {}
      },
    );
    vi.stubGlobal('CSS', { escape: (name: string) => name.replace(/[^\w-]/g, '\\$&') });
    Element.prototype.scrollIntoView = () => undefined;
    vi.stubGlobal('requestIdleCallback', (callback: () => void) => window.setTimeout(callback));
    vi.stubGlobal('cancelIdleCallback', (handle: number) => window.clearTimeout(handle));
    // jsdom has no such method to spy on.
    Element.prototype.scrollIntoView = () => undefined;
    for (const name of ['clientHeight', 'clientWidth'] as const) {
      vi.spyOn(Element.prototype, name, 'get').mockReturnValue(SIZE);
    }
    for (const name of ['offsetHeight', 'offsetWidth'] as const) {
      vi.spyOn(HTMLElement.prototype, name, 'get').mockReturnValue(SIZE);
    }
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

/** Opens the whole window on a scenario. */
export async function openWindow(name: ScenarioName, options: FakeOptions = {}) {
  const bridge = new FakeBridge(scenarios[name], options);
  const speech = await createSpeech(options.desktopLanguage ?? 'en', { extra: scenarioTexts });
  const devmend = createDevmendWindow(bridge, speech);
  render(createElement(App, { window: devmend }));
  await screen.findByRole('main');
  return { bridge, devmend, user: userEvent.setup() };
}
