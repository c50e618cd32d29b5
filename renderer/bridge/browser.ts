import { createSpeech } from '../i18n/i18n.ts';
import { createDevmendWindow, type DevmendWindow } from '../state/window.tsx';
import { FakeBridge } from './fake.ts';
import { isScenarioName, scenarios } from './scenarios/index.ts';
import { scenarioTexts } from './scenarios/texts.ts';

const ROUTES = ['repair', 'history', 'machine', 'settings'] as const;

/**
 * Starts the window on the fake bridge, as the address says:
 * `?scenario=git&lang=zh-CN&theme=dark&route=history&pace=300&pseudo=1`.
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
  const route = ROUTES.find((candidate) => candidate === asked.get('route'));
  if (route !== undefined) devmend.app.go(route);
  render(devmend);
}
