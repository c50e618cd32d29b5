import { useEffect, useState } from 'react';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { ErrorData } from '../../../shared/error.ts';
import type { KnownProgram } from '../../../shared/inspection.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { GraphView } from './GraphView.tsx';
import { ProgramList } from './ProgramList.tsx';
import '../../theme/graph.css';

type Answer<T> = { readonly value: T } | { readonly error: ErrorData } | null;

/** Dependencies: first the choice of a program, then what it loads. */
export function GraphTab() {
  const { app, client } = useDevmend();
  const { text } = useSpeech();
  const program = useApp((state) => state.machine.program);
  const takenAt = useWizard((state) => state.scan.report?.takenAt ?? null);
  const [programs, setPrograms] = useState<Answer<readonly KnownProgram[]>>(null);
  useEffect(() => {
    let wanted = true;
    void client.call('programs.list', {}).then((result) => {
      if (!wanted) return;
      setPrograms(result.ok ? { value: result.value.programs } : { error: result.error });
    });
    return () => {
      wanted = false;
    };
  }, [client, takenAt]);
  if (programs === null) return <Waiting />;
  if ('error' in programs) return <Failed error={programs.error} />;
  const choose = (id: string | null) => app.go('machine', { tab: 'graph', program: id });
  if (program === null) {
    return (
      <ProgramList programs={programs.value} heading={text('graph.choose')} onChoose={choose} />
    );
  }
  const known = programs.value.find(({ id }) => id === program);
  return (
    <OneProgram
      key={`${program}\n${takenAt}`}
      id={program}
      name={known?.name ?? text('graph.program')}
      path={known?.path ?? null}
      onBack={() => choose(null)}
      onTrace={
        known?.kind === 'program'
          ? () => app.go('machine', { tab: 'trace', program: known.id })
          : null
      }
    />
  );
}

function OneProgram(props: {
  readonly id: string;
  readonly name: string;
  readonly path: string | null;
  readonly onBack: () => void;
  readonly onTrace: (() => void) | null;
}) {
  const { client } = useDevmend();
  const { text } = useSpeech();
  const { id } = props;
  const [report, setReport] = useState<Answer<DependencyReport>>(null);
  useEffect(() => {
    let wanted = true;
    void client.call('dependencies.show', { id }).then((result) => {
      if (wanted) setReport(result.ok ? { value: result.value } : { error: result.error });
    });
    return () => {
      wanted = false;
    };
  }, [client, id]);
  const back = <Button onPress={props.onBack}>{text('graph.otherProgram')}</Button>;
  if (report === null) return <Waiting />;
  if ('error' in report) {
    return (
      <div className="content">
        <Notice icon="problem" alert actions={back}>
          <ErrorText error={report.error} />
        </Notice>
      </div>
    );
  }
  return (
    <GraphView
      report={report.value}
      name={props.name}
      onBack={props.onBack}
      onTrace={props.onTrace}
    />
  );
}

function Waiting() {
  const { text } = useSpeech();
  return (
    <div className="content muted" role="status">
      {text('graph.waiting')}
    </div>
  );
}

function Failed(props: { readonly error: ErrorData }) {
  return (
    <div className="content">
      <Notice icon="problem" alert>
        <ErrorText error={props.error} />
      </Notice>
    </div>
  );
}
