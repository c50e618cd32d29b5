import { useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useAnswer } from '../../state/use-answer.ts';
import { useSpeech, useWizard } from '../../state/window.tsx';
import { NeverScanned, Unanswered, Waiting } from '../../ui/Answers.tsx';
import { ChangeView } from './ChangeView.tsx';
import { EditorReleases } from './EditorReleases.tsx';
import { GoReleases } from './GoReleases.tsx';
import { ProgramMatrix } from './ProgramMatrix.tsx';
import '../../theme/graph.css';
import '../../theme/inspection.css';

const parts = {
  programs: 'matrix.tab.programs',
  editors: 'matrix.tab.editors',
  go: 'matrix.tab.go',
  change: 'matrix.tab.change',
} as const;
type Part = keyof typeof parts;

/** What runs where: programs by system, editor releases, the Go extension, and another glibc. */
export function MatrixTab() {
  const { text } = useSpeech();
  const takenAt = useWizard((state) => state.scan.report?.takenAt ?? null);
  const asked = useAnswer('matrix.show', {}, takenAt);
  const [part, setPart] = useState<Part>('programs');
  if (asked.error !== null) return <Unanswered error={asked.error} again={asked.again} />;
  if (asked.value === null) return <Waiting>{text('matrix.waiting')}</Waiting>;
  const { report } = asked.value;
  if (report === null) return <NeverScanned>{text('matrix.never')}</NeverScanned>;
  return (
    <Tabs className="sub" selectedKey={part} onSelectionChange={(key) => setPart(key as Part)}>
      <TabList className="subtabs" aria-label={text('matrix.tabs')}>
        {(Object.keys(parts) as Part[]).map((one) => (
          <Tab key={one} id={one} className="subtab">
            {text(parts[one])}
          </Tab>
        ))}
      </TabList>
      <TabPanel id="programs" className="tab-panel">
        <ProgramMatrix report={report} />
      </TabPanel>
      <TabPanel id="editors" className="tab-panel">
        <EditorReleases report={report} />
      </TabPanel>
      <TabPanel id="go" className="tab-panel">
        <GoReleases report={report} />
      </TabPanel>
      <TabPanel id="change" className="tab-panel">
        <ChangeView />
      </TabPanel>
    </Tabs>
  );
}
