import { Suspense, useEffect } from 'react';
import type { TextKey } from '../i18n/i18n.ts';
import { routes, type Route } from '../state/app-store.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../state/window.tsx';
import { Icon, Logo, type LineIcon } from '../ui/Icon.tsx';
import { onDemand, preloadWhenIdle } from './on-demand.tsx';
import { Wizard } from './Wizard.tsx';

/** What the window does not start with; fetched once it is ready to be used. */
const later = {
  history: onDemand(
    async () => (await import('../features/history/HistoryScreen.tsx')).HistoryScreen,
  ),
  machine: onDemand(
    async () => (await import('../features/machine/MachineScreen.tsx')).MachineScreen,
  ),
  settings: onDemand(
    async () => (await import('../features/settings/SettingsScreen.tsx')).SettingsScreen,
  ),
} as const;

const entries: Readonly<Record<Route, { icon: LineIcon; name: TextKey }>> = {
  repair: { icon: 'wrench', name: 'nav.repair' },
  history: { icon: 'clock', name: 'nav.history' },
  machine: { icon: 'chip', name: 'nav.machine' },
  settings: { icon: 'sliders', name: 'nav.settings' },
};

/** Navigation on the left, the chosen screen beside it. */
export function Shell() {
  return (
    <div className="window">
      <Navigation />
      <CurrentScreen />
    </div>
  );
}

function CurrentScreen() {
  const route = useApp((state) => state.route);
  useEffect(() => preloadWhenIdle(Object.values(later)), []);
  if (route === 'repair') return <Wizard />;
  const { View } = later[route];
  return (
    <Suspense fallback={null}>
      <View key={route} />
    </Suspense>
  );
}

function Navigation() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const current = useApp((state) => state.route);
  return (
    <nav className="side" aria-label={text('nav.label')}>
      <div className="brand">
        <Logo />
        <span>Devmend</span>
      </div>
      {routes.map((route) => (
        <button
          key={route}
          type="button"
          className="nav-item"
          {...(route === current ? { 'aria-current': 'page' as const } : {})}
          onClick={() => app.go(route)}
        >
          <Icon name={entries[route].icon} />
          {text(entries[route].name)}
        </button>
      ))}
      <MachineFoot />
    </nav>
  );
}

/** Two lines about this machine, once a scan has found them out. */
function MachineFoot() {
  const machine = useWizard((state) => state.scan.report?.machine ?? null);
  if (machine === null) return null;
  const editor = machine.editors[0];
  const lines = [
    [machine.distribution, machine.libc],
    [
      editor === undefined ? null : `${editor.name} ${editor.version}`,
      machine.go === null ? null : `Go ${machine.go}`,
    ],
  ];
  return (
    <div className="foot">
      {lines.map((parts, index) => (
        <div key={index}>{parts.filter((part) => part !== null).join(' · ')}</div>
      ))}
    </div>
  );
}
