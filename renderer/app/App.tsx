import { useEffect } from 'react';
import { I18nProvider } from 'react-aria-components';
import {
  useApp,
  useDevmend,
  useSpeech,
  WindowProvider,
  type DevmendWindow,
} from '../state/window.tsx';
import { Announcer } from '../ui/Announcer.tsx';
import { Shell } from './Shell.tsx';

/** The whole window. */
export function App(props: { readonly window: DevmendWindow }) {
  return (
    <WindowProvider value={props.window}>
      <Localised />
    </WindowProvider>
  );
}

function Localised() {
  const { speech, app, wizard } = useDevmend();
  const { language } = useSpeech();
  const info = useApp((state) => state.info);
  const theme = useApp((state) => state.settings?.theme ?? 'system');
  useTheme(theme);
  useEffect(() => {
    void app.load();
    void wizard.restore();
  }, [app, wizard]);
  useEffect(() => {
    if (info !== null) void speech.use(info.language);
  }, [speech, info]);
  const current = language();
  useEffect(() => {
    document.documentElement.lang = current;
  }, [current]);
  return (
    <I18nProvider locale={current}>
      <Announcer>
        <Shell />
      </Announcer>
    </I18nProvider>
  );
}

/** Keeps the document's theme as chosen, or as the desktop has it. */
function useTheme(theme: 'system' | 'light' | 'dark'): void {
  useEffect(() => {
    const root = document.documentElement;
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      root.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    };
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);
}
