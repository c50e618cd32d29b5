import { useEffect, useRef, useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import type { KnownProgram } from '../../../shared/inspection.ts';
import { TRACE_LIMIT_SECONDS } from '../../../shared/trace.ts';
import { useDevmend, useInspections, useSpeech } from '../../state/window.tsx';
import { TerminalDrawer } from '../../terminal/TerminalDrawer.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Button } from '../../ui/Button.tsx';
import { commandLine } from '../../ui/format.ts';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { TraceResult } from './TraceResult.tsx';

type Arguments = 'none' | 'version';

/** One program: what will be run, the run itself, and what it showed. */
export function TraceView(props: { readonly program: KnownProgram; readonly onBack: () => void }) {
  const { program } = props;
  const { traceTranscript } = useDevmend();
  const { text, say } = useSpeech();
  const announce = useAnnounce();
  const heading = useRef<HTMLHeadingElement>(null);
  const [args, setArgs] = useState<Arguments>('version');
  const trace = useInspections((state) => state.trace);
  const mine = trace.program === program.id;
  const running = mine && trace.running;
  const done = mine && trace.report !== null;
  // The button that runs something is never where the keyboard lands.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    if (done) heading.current?.focus({ preventScroll: true });
  }, [done]);
  const phase = running && trace.phase !== null ? say(trace.phase) : null;
  useEffect(() => {
    if (phase !== null) announce(phase);
  }, [phase, announce]);
  return (
    <>
      <div className="content inspection">
        <h2 ref={heading} tabIndex={-1} className="h1 trace-heading">
          {text(done ? 'trace.heading.done' : 'trace.heading', { name: program.name })}
        </h2>
        {!running && !done && <Consent program={program} args={args} onArguments={setArgs} />}
        {running && (
          <div className="panel">
            <p>{phase ?? text('trace.starting')}</p>
            <Progress label={phase ?? text('trace.starting')} done={0} total={0} />
          </div>
        )}
        {mine && trace.error !== null && (
          <Notice icon="problem" alert>
            <ErrorText error={trace.error} />
          </Notice>
        )}
        {mine && trace.report !== null && <TraceResult report={trace.report} />}
      </div>
      {mine && (
        // Open while it runs; what it means is read above, so it makes room when it has ended.
        <TerminalDrawer
          key={running ? 'live' : 'ended'}
          transcript={traceTranscript}
          failed={running || trace.error !== null}
        />
      )}
      <TraceBar program={program} args={args} onBack={props.onBack} />
    </>
  );
}

/** What exactly will be run, before it is. */
function Consent(props: {
  readonly program: KnownProgram;
  readonly args: Arguments;
  readonly onArguments: (args: Arguments) => void;
}) {
  const { program, args } = props;
  const { text, say } = useSpeech();
  return (
    <>
      <p>{say({ key: 'trace.consent', params: {} })}</p>
      <div className="command-line panel">
        <code>{commandOf(program.path, args)}</code>
      </div>
      <RadioGroup
        className="choices inline"
        value={args}
        onChange={(value) => props.onArguments(value as Arguments)}
      >
        <Label className="h2">{text('trace.arguments')}</Label>
        {(['version', 'none'] as const).map((value) => (
          <Radio key={value} value={value} className="choice">
            <span className="radio" />
            <span>
              {text(value === 'none' ? 'trace.arguments.none' : 'trace.arguments.version')}
            </span>
          </Radio>
        ))}
      </RadioGroup>
      <ul className="verifications">
        <li>{text('trace.promise.real')}</li>
        <li>{text('trace.promise.limit', { seconds: TRACE_LIMIT_SECONDS })}</li>
        <li>{text('trace.promise.watch')}</li>
      </ul>
    </>
  );
}

function commandOf(path: string, args: Arguments): string {
  return commandLine(args === 'version' ? [path, '--version'] : [path]);
}

function TraceBar(props: {
  readonly program: KnownProgram;
  readonly args: Arguments;
  readonly onBack: () => void;
}) {
  const { program, args } = props;
  const { inspections } = useDevmend();
  const { text } = useSpeech();
  const trace = useInspections((state) => state.trace);
  const mine = trace.program === program.id;
  if (mine && trace.running) {
    return (
      <ActionBar status={text(trace.stopping ? 'trace.stopping' : 'trace.running')}>
        <Button disabled={trace.stopping} onPress={() => inspections.stopTrace()}>
          {text('repair.stop')}
        </Button>
      </ActionBar>
    );
  }
  const what = args === 'version' ? `${program.name} --version` : program.name;
  return (
    <ActionBar status={text(mine ? 'trace.ended' : 'trace.nothing')}>
      <Button onPress={props.onBack}>{text('graph.otherProgram')}</Button>
      <Button look="go" onPress={() => void inspections.trace(program.id, args)}>
        {text(mine ? 'trace.run.again' : 'trace.run', { what })}
      </Button>
    </ActionBar>
  );
}
