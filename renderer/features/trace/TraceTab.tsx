import type { KnownProgram } from '../../../shared/inspection.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useApp, useDevmend, useInspections, useSpeech, useWizard } from '../../state/window.tsx';
import { Unanswered, Waiting } from '../../ui/Answers.tsx';
import { ProgramList } from '../graph/ProgramList.tsx';
import { TraceView } from './TraceView.tsx';
import '../../theme/graph.css';
import '../../theme/inspection.css';

/** A launch: first the choice of a program, then the consent, then what happened. */
export function TraceTab() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const takenAt = useWizard((state) => state.scan.report?.takenAt ?? null);
  const asked = useAnswer('programs.list', {}, takenAt);
  const chosen = useApp((state) => state.machine.program);
  const running = useInspections(({ trace }) => (trace.running ? trace.program : null));
  if (asked.error !== null) return <Unanswered error={asked.error} again={asked.again} />;
  if (asked.value === null) return <Waiting>{text('trace.waiting')}</Waiting>;
  const programs = asked.value.programs.filter(({ kind }) => kind === 'program');
  const choose = (program: string | null) => app.go('machine', { tab: 'trace', program });
  // What runs stays in view until it has ended, whatever was chosen meanwhile.
  const program = find(programs, running) ?? find(programs, chosen);
  return program === null ? (
    <ProgramList programs={programs} heading={text('trace.choose')} onChoose={choose} />
  ) : (
    <TraceView key={program.id} program={program} onBack={() => choose(null)} />
  );
}

function find(programs: readonly KnownProgram[], id: string | null): KnownProgram | null {
  return programs.find((program) => program.id === id) ?? null;
}
