import type { OutputOf } from '../../shared/contract.ts';
import { ok } from '../../shared/error.ts';
import type { CallHandlers, StreamHandlers } from '../ipc/registrar.ts';
import { ask } from './ask.ts';
import type { HandlerParts } from './handlers.ts';

type Calls = Extract<keyof CallHandlers, `history.${string}` | 'retention.preview'>;
type Streams = 'undo.start' | 'redo.start' | 'recovery.start' | 'retention.start';

/** What the calls about the history do. */
export function historyCalls(parts: HandlerParts): Pick<CallHandlers, Calls> {
  const { engine, settings, desktop } = parts;
  return {
    'history.list': (query) => ask(engine, { method: 'history', query }),
    'history.pin': ({ id, pinned }) => ask(engine, { method: 'pin', id, pinned }),
    'history.export': async ({ id, form }) => {
      const { language } = parts.info();
      const text = await ask<string>(engine, { method: 'exportEntry', id, form, language });
      if (!text.ok) return text;
      return ok({ saved: await desktop.saveText(`entry-${form}`, text.value) });
    },
    'retention.preview': ({ limits }) =>
      ask(engine, {
        method: 'retentionPreview',
        limits: limits ?? settings.current().retention,
      }),
    'history.show': ({ id }) => ask(engine, { method: 'show', id }),
    'history.undoPreview': ({ id }) => ask(engine, { method: 'undoPreview', id }),
  };
}

/** What the streams about the history do: they change the machine, and finish without a window. */
export function historyStreams({ engine, settings }: HandlerParts): Pick<StreamHandlers, Streams> {
  return {
    'undo.start': {
      whenAbandoned: 'finish',
      run: ({ id, onConflict }, context) =>
        ask(engine, { method: 'undo', id, onConflict }, context),
    },
    'redo.start': {
      whenAbandoned: 'finish',
      run: ({ id }, context) => ask(engine, { method: 'redo', id }, context),
    },
    'retention.start': {
      whenAbandoned: 'finish',
      run: ({ expected }, context) => {
        const limits = settings.current().retention;
        return ask(engine, { method: 'prune', limits, expected }, context);
      },
    },
    'recovery.start': {
      whenAbandoned: 'finish',
      run: async (_input, context) => {
        const recovered = await ask<OutputOf<'recovery.start'>['outcomes']>(
          engine,
          { method: 'recover' },
          context,
        );
        return recovered.ok ? ok({ outcomes: recovered.value }) : recovered;
      },
    },
  };
}
