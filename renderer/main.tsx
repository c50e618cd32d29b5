import './no-eval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { createSpeech } from './i18n/i18n.ts';
import { createDevmendWindow } from './state/window.tsx';
import './theme/tokens.css';
import './theme/base.css';
import './theme/layout.css';
import './theme/parts.css';

/** The desktop's language until the main process has said which one to use. */
const firstLanguage = navigator.language.startsWith('zh') ? 'zh-CN' : 'en';

async function start(): Promise<void> {
  const container = document.getElementById('root');
  if (container === null) throw new Error('index.html has no #root');
  if (window.devmend === undefined && import.meta.env.MODE === 'browser') {
    const { startBrowser } = await import('./bridge/browser.ts');
    await startBrowser(render);
    return;
  }
  if (window.devmend === undefined) throw new Error('started without the preload script');
  const speech = await createSpeech(firstLanguage);
  render(createDevmendWindow(window.devmend, speech));

  function render(devmend: ReturnType<typeof createDevmendWindow>): void {
    if (container === null) return;
    createRoot(container).render(
      <StrictMode>
        <App window={devmend} />
      </StrictMode>,
    );
  }
}

void start();
