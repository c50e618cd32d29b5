import { hostname } from 'node:os';
import type { Result } from '../../../shared/error.ts';
import type { TransactionDetail } from '../../../shared/history.ts';
import { message, type Message } from '../../../shared/message.ts';
import { translate, translateError, type Language } from '../../../shared/messages/translate.ts';
import type { ChangePreview } from '../../../shared/plan.ts';
import type { Machine } from '../machine.ts';
import { mapStrings, redactValue } from '../redact.ts';
import { resolveInRoot } from '../rootfs.ts';
import { redactWord } from '../secrets/redact-line.ts';
import { redactLines } from '../secrets/redact-lines.ts';
import { redactText } from '../secrets/redact-text.ts';
import { showTransaction } from './history.ts';

/** What a program reads: the entry as the history shows it (schema `devmend.entry/1`). */
const SCHEMA = 'devmend.entry/1';

/**
 * One entry of the history as a text to pass on: what was done, the changed lines, what
 * was proven. Home directory, user, host and secrets are blanked, and what stands around
 * the changed lines is left out. The Markdown is in the reader's language; the JSON holds
 * keys and parameters.
 */
export async function exportEntry(
  machine: Machine,
  id: string,
  form: 'markdown' | 'json',
  language: Language,
): Promise<Result<string>> {
  const shown = await showTransaction(machine, id);
  if (!shown.ok) return shown;
  const detail = withoutPeople(withoutSecrets(shown.value), machine);
  if (form === 'json') {
    const document = { schema: SCHEMA, devmend: machine.version, ...detail };
    return { ok: true, value: `${JSON.stringify(document, null, 2)}\n` };
  }
  const lines = [...asMarkdown(detail, machine.version, language)];
  return { ok: true, value: `${lines.join('\n')}\n` };
}

/** Settings name a home by its real path too, other people's homes, and e-mail addresses. */
function withoutPeople(shown: TransactionDetail, machine: Machine): TransactionDetail {
  const names = { home: machine.home, user: machine.user.name, host: hostname() };
  const real = resolveInRoot('/', machine.home);
  const home = real.ok ? real.value.innerPath : machine.home;
  const redacted = redactValue(redactValue(shown, names), { ...names, home });
  const clean = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.replace(OTHER_HOME, 'user').replace(ADDRESS, ANYBODY) : value;
  return JSON.parse(JSON.stringify(redacted), clean) as TransactionDetail;
}

/** The name in `/home/name`, as a path or within an address of a file. */
const OTHER_HOME = /(?<=\/home\/)[^/\s"'`:;,<>]+/g;
const ADDRESS = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;
const ANYBODY = 'user@host';

/**
 * What was redacted when it was stored may have been stored by a Devmend that knew fewer
 * secrets. The lines around a change go last: they tell what the changed ones belong to.
 */
function withoutSecrets(detail: TransactionDetail): TransactionDetail {
  return {
    ...mapStrings(detail, redactText),
    previews: detail.previews.map((preview) => ({
      ...mapStrings(preview, redactText),
      commands: preview.commands.map((words) =>
        words.map((word, index) => redactWord(words[index - 1] ?? '', word)),
      ),
      diff: withoutContext(preview.diff),
    })),
  };
}

/** Each side is a text of its own: what one leaves open must not end in the other. */
function withoutContext(diff: ChangePreview['diff']): ChangePreview['diff'] {
  const [removed, added] = (['-', '+'] as const).map((sign) => {
    const side = diff.filter((line) => line.sign === sign || line.sign === ' ');
    const texts = redactLines(side.map(({ text }) => text));
    return new Map(side.map((line, index) => [line, texts[index] ?? '']));
  });
  return diff
    .filter(({ sign }) => sign !== ' ')
    .map((line) => ({ ...line, text: removed?.get(line) ?? added?.get(line) ?? '' }));
}

function* asMarkdown(
  detail: TransactionDetail,
  version: string,
  language: Language,
): Generator<string> {
  const put = (text: Message): string => translate(language, text);
  const say = (key: string, params: Message['params'] = {}): string => put(message(key, params));
  const { summary } = detail;
  yield `# ${plain(put(summary.title))}`;
  yield '';
  yield `- ${say('journal.export.when', { at: summary.at })}`;
  yield `- ${say('journal.export.status', { status: say(`cli.status.${summary.status}`) })}`;
  yield `- ${say('journal.export.id', { id: summary.id })}`;
  yield `- Devmend ${version}`;
  if (detail.failure !== null) yield `- ${plain(translateError(language, detail.failure))}`;
  yield '';
  yield `## ${say('journal.export.done')}`;
  yield '';
  for (const sentence of detail.explanation.done) yield `- ${plain(put(sentence))}`;
  for (const preview of detail.previews) yield* changeAsMarkdown(preview, put);
  if (detail.verifications.length > 0) {
    yield '';
    yield `## ${say('journal.export.proof')}`;
    yield '';
    for (const { title, passed, output, notes } of detail.verifications) {
      yield `- ${passed ? '✓' : '✗'} ${plain(put(title))}`;
      if (output !== '') yield* fenced(output.split('\n'), '');
      for (const note of notes ?? []) yield `  - ${plain(put(note))}`;
    }
  }
  if (detail.explanation.next.length === 0) return;
  yield '';
  yield `## ${say(detail.canUndo ? 'journal.export.undo' : 'journal.export.redo')}`;
  yield '';
  for (const sentence of detail.explanation.next) yield `- ${plain(put(sentence))}`;
}

function* changeAsMarkdown(
  preview: ChangePreview,
  put: (text: Message) => string,
): Generator<string> {
  yield '';
  yield `### ${plain(put(preview.title))}`;
  yield '';
  yield* fenced(
    [preview.target, ...preview.commands.map((command) => `$ ${command.join(' ')}`)],
    '',
  );
  if (preview.diff.length > 0)
    yield* fenced(
      preview.diff.map(({ sign, text }) => `${sign}${text}`),
      'diff',
    );
}

/** A block that nothing inside can close: its fence is longer than any run of backticks there. */
function* fenced(lines: readonly string[], language: string): Generator<string> {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
  const fence = '`'.repeat(Math.max(2, ...runs) + 1);
  yield `${fence}${language}`;
  yield* lines;
  yield fence;
}

/** Text from file names must not become markup. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|]/g, '\\$&');
}
