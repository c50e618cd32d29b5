import { message } from '../../../shared/message.ts';
import type { TraceExplanation } from '../../../shared/trace.ts';
import { answersTo, isVariant, type Answer } from './answers.ts';
import { notFound, type LoadedImage, type LoaderError, type Search } from './loader-log.ts';
import { loaderGaveUp, named, type ProcessStory } from './story.ts';

const MOST_EVIDENCE = 4;
/** Programs that try hundreds of plugins say nothing new after these. */
const MOST_LATER = 20;

/** What ld.so did not find, or found and could not use, in one process. */
export function explainLibraries(story: ProcessStory): readonly TraceExplanation[] {
  return story.images.flatMap((image, index) => {
    const isLast = index === story.images.length - 1;
    const lost = notFound(image);
    const fatal = lost.filter(({ later }) => !later);
    const later = lost.filter((search) => search.later).slice(0, MOST_LATER);
    return [
      ...fatal.flatMap((search) => explainSearch(search, story, true)),
      ...later.flatMap((search) => explainSearch(search, story, false)),
      ...image.errors.flatMap((error) => explainError(error, image, story, isLast)),
    ];
  });
}

/** Files that were there and could not be used explain more than that nothing was found. */
function explainSearch(
  search: Search,
  story: ProcessStory,
  fatal: boolean,
): readonly TraceExplanation[] {
  const answers = answersTo(search, story);
  const found: TraceExplanation[] = answers.flatMap(
    (answer) => obstacle(search, answer, answers, story) ?? [],
  );
  const key = fatal ? 'trace.text.library-not-found' : 'trace.text.library-not-found-later';
  return [
    ...found,
    {
      kind: 'library-not-found',
      text: message(key, { soname: search.name, requiredBy: search.requestedBy }),
      process: named(story),
      subject: search.name,
      searched: searched(answers),
      evidence: evidence(answers),
    },
  ];
}

function obstacle(
  search: Search,
  answer: Answer,
  answers: readonly Answer[],
  story: ProcessStory,
): TraceExplanation | null {
  const said = (kind: TraceExplanation['kind'], key: string): TraceExplanation => ({
    kind,
    text: message(key, { soname: search.name, path: answer.path, detail: answer.detail }),
    process: named(story),
    subject: answer.path,
    searched: searched(answers),
    evidence: answer.evidence === null ? [] : [answer.evidence],
  });
  switch (answer.kind) {
    case 'dangling':
      return said('broken-link', 'trace.text.broken-link');
    case 'loop':
      return said('looping-link', 'trace.text.looping-link');
    case 'denied':
      return said('not-permitted', 'trace.text.library-not-permitted');
    case 'foreign':
      return said('wrong-class', 'trace.text.wrong-class');
    case 'absent':
    case 'opened':
    case 'other':
      return null;
  }
}

function searched(answers: readonly Answer[]): TraceExplanation['searched'] {
  return answers.map(({ path, answer }) => ({ path, answer }));
}

/** Variants for processors are tried by the dozen, and tell nothing more. */
function evidence(answers: readonly Answer[]): string[] {
  const plain = answers.filter(({ path, kind }) => kind !== 'absent' || !isVariant(path));
  return plain.flatMap((one) => one.evidence ?? []).slice(0, MOST_EVIDENCE);
}

function explainError(
  error: LoaderError,
  image: LoadedImage,
  story: ProcessStory,
  isLast: boolean,
): readonly TraceExplanation[] {
  const { kind, subject, object, later, text } = error;
  const gaveUp = isLast && loaderGaveUp(story);
  const common = { process: named(story), searched: [], evidence: [text], subject };
  const requiredBy = error.requiredBy ?? image.program;
  switch (kind) {
    case 'version': {
      const key = later ? 'trace.text.version-not-found-later' : 'trace.text.version-not-found';
      const params = { version: subject, library: object, requiredBy };
      return [{ ...common, kind: 'version-not-found', text: message(key, params) }];
    }
    case 'symbol': {
      // Programs ask for optional functions with dlsym, and go on without them.
      const isEnd = gaveUp && error === image.errors.at(-1);
      const key = isEnd ? 'trace.text.symbol-not-found' : 'trace.text.symbol-not-found-later';
      const params = { symbol: subject, object };
      return [{ ...common, kind: 'symbol-not-found', text: message(key, params) }];
    }
    case 'other':
      return [];
  }
}
