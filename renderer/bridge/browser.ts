import { createSpeech } from '../i18n/i18n.ts';
import { machineTabs, routes } from '../state/app-store.ts';
import { createDevmendWindow, type DevmendWindow } from '../state/window.tsx';
import { FakeBridge } from './fake.ts';
import { isScenarioName, scenarios } from './scenarios/index.ts';
import { scenarioTexts } from './scenarios/texts.ts';

/**
 * Starts the window on the fake bridge, as the address says:
 * `?scenario=git&lang=zh-CN&theme=dark&route=history&pace=300&pseudo=1`; with
 * `route=machine`, `tab` names the view and `program` what it is about.
 */
export async function startBrowser(render: (devmend: DevmendWindow) => void): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const name = asked.get('scenario') ?? 'git';
  const language = asked.get('lang') === 'zh-CN' ? 'zh-CN' : 'en';
  const theme = asked.get('theme');
  const bridge = new FakeBridge(scenarios[isScenarioName(name) ? name : 'git'], {
    pace: Number(asked.get('pace') ?? '250'),
    desktopLanguage: language,
    settings: { theme: theme === 'light' || theme === 'dark' ? theme : 'system' },
  });
  const speech = await createSpeech(language, {
    extra: scenarioTexts,
    pseudo: asked.get('pseudo') === '1',
  });
  const devmend = createDevmendWindow(bridge, speech);
  const route = routes.find((candidate) => candidate === asked.get('route'));
  const tab = machineTabs.find((candidate) => candidate === asked.get('tab'));
  if (route !== undefined) {
    devmend.app.go(route, tab === undefined ? undefined : { tab, program: asked.get('program') });
  }
  render(devmend);
}
