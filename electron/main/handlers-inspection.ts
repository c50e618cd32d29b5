import { ok } from '../../shared/error.ts';
import type { CallHandlers, StreamHandlers } from '../ipc/registrar.ts';
import { ask } from './ask.ts';
import type { HandlerParts } from './handlers.ts';

type Calls =
  'programs.list' | 'dependencies.show' | 'components.show' | 'processes.show' | 'matrix.show';

/** What the calls that look without repairing do. */
export function inspectionCalls({ engine }: HandlerParts): Pick<CallHandlers, Calls> {
  return {
    'programs.list': () => ask(engine, { method: 'programs' }),
    'dependencies.show': ({ id }) => ask(engine, { method: 'dependencies', id }),
    'components.show': () => ask(engine, { method: 'components' }),
    'processes.show': () => ask(engine, { method: 'processes' }),
    'matrix.show': () => ask(engine, { method: 'matrix' }),
  };
}

/** The same for streams: nothing is changed, so they end with the window. */
export function inspectionStreams({
  engine,
  desktop,
}: HandlerParts): Pick<StreamHandlers, 'upgrade.start' | 'trace.start'> {
  return {
    'upgrade.start': {
      whenAbandoned: 'cancel',
      run: async ({ target: kind }, context) => {
        const target = await desktop.chooseLibc(kind);
        return target === null
          ? ok({ report: null })
          : ask(engine, { method: 'upgrade', target }, context);
      },
    },
    'trace.start': {
      whenAbandoned: 'cancel',
      run: ({ id, arguments: args }, context) =>
        ask(engine, { method: 'trace', id, arguments: args }, context),
    },
  };
}
