import { Suspense } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { Screen } from '../../app/Screen.tsx';
import { machineTabs, type MachineTab } from '../../state/app-store.ts';
import { useApp, useDevmend, useSpeech } from '../../state/window.tsx';
import { Heading } from '../../ui/Heading.tsx';
import { tabs } from './tabs.ts';

/** This machine from several sides, one tab a side. Each tab brings its own action bar. */
export function MachineScreen() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const current = useApp((state) => state.machine.tab);
  return (
    <Tabs
      className="contents"
      selectedKey={current}
      onSelectionChange={(key) => app.go('machine', { tab: key as MachineTab })}
    >
      <Screen
        name="machine"
        header={
          <header className="top with-tabs">
            <Heading>{text('nav.machine')}</Heading>
            <TabList className="tabs" aria-label={text('machine.tabs')}>
              {machineTabs.map((tab) => (
                <Tab key={tab} id={tab} className="tab">
                  {text(tabs[tab].name)}
                </Tab>
              ))}
            </TabList>
          </header>
        }
      >
        {machineTabs.map((tab) => (
          <MachinePanel key={tab} tab={tab} />
        ))}
      </Screen>
    </Tabs>
  );
}

function MachinePanel(props: { readonly tab: MachineTab }) {
  const { View } = tabs[props.tab];
  return (
    <TabPanel id={props.tab} className="tab-panel" data-tab={props.tab}>
      <Suspense fallback={null}>
        <View />
      </Suspense>
    </TabPanel>
  );
}
