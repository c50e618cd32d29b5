/** A library that ld.so looked for, as `LD_DEBUG=libs,files,versions` tells it. */
export interface Search {
  readonly name: string;
  readonly requestedBy: string;
  /** Asked for by dlopen, or by something that dlopen brought. */
  readonly later: boolean;
  readonly tried: string[];
  /** Which search path each tried file was in, as ld.so names it: `RUNPATH from file …`. */
  readonly places: Map<string, string>;
  /** Where it was found; null while it is not. */
  path: string | null;
}

export interface LoaderError {
  readonly kind: 'version' | 'symbol' | 'other';
  /** The file that should have had it. */
  readonly object: string;
  readonly subject: string;
  readonly requiredBy: string | null;
  /** The program had been started already. */
  readonly later: boolean;
  readonly text: string;
}

/** One program that ld.so started; a process that calls exec has several, one after the other. */
export interface LoadedImage {
  readonly program: string;
  readonly searches: Search[];
  readonly errors: LoaderError[];
  /** ld.so was done and handed over to the program. */
  started: boolean;
}

const LINE = /^\s*\d+:\t(.*)$/;
const REQUEST = /^file=(.+) \[\d+\];\s+(needed|dynamically loaded) by (.*) \[\d+\]$/;
const MAPPED = /^file=(.+) \[\d+\];\s+generating link map$/;
const TRYING = /^ {2}trying file=(.+)$/;
const PLACE = /^ search (?:path=.*\t\t\((.*)\)|(cache)=.*)$/;
const FAILURE =
  /^(.+?): error: (version lookup error|symbol lookup error|.+?): (.*?)(?: \((?:fatal|continued)\))?$/;
const VERSION = /^version `(.+?)' not found \(required by (.+)\)$/;
const SYMBOL = /^undefined symbol: (.+)$/;

/** A process that opens plugins for hours is cut here. */
const MOST_SEARCHES = 5_000;
const MOST_ERRORS = 1_000;

/** Reads the file that ld.so wrote for one process (elf/dl-load.c, dl-deps.c, dl-lookup.c). */
export function readLoaderLog(text: string): readonly LoadedImage[] {
  const images: LoadedImage[] = [];
  let place = '';
  let image: LoadedImage | undefined;
  let search: Search | undefined;
  for (const whole of text.split('\n')) {
    const line = LINE.exec(whole)?.[1];
    if (line === undefined || line === '') continue;
    const [, name = '', how = '', requestedBy = ''] = REQUEST.exec(line) ?? [];
    if (name !== '') {
      if (image === undefined || isNewImage(image, how, requestedBy)) {
        image = { program: requestedBy, searches: [], errors: [], started: false };
        images.push(image);
      }
      search = begun(image, name, requestedBy);
      place = '';
      continue;
    }
    if (image === undefined) continue;
    const tried = TRYING.exec(line)?.[1];
    const found = PLACE.exec(line);
    const mapped = MAPPED.exec(line)?.[1];
    if (tried !== undefined) {
      search?.tried.push(tried);
      search?.places.set(tried, place);
    } else if (found !== null) place = found[1] ?? found[2] ?? '';
    else if (mapped !== undefined) settle(image, mapped);
    else if (/^(?:initialize program|transferring control): /.test(line)) image.started = true;
    else failure(image, line, whole);
  }
  return images;
}

/** After the start only libraries that are there ask for others; a stranger is the next program. */
function isNewImage(image: LoadedImage, how: string, requestedBy: string): boolean {
  if (!image.started || how !== 'needed' || requestedBy === image.program) return false;
  return !image.searches.some(({ path, name }) => path === requestedBy || name === requestedBy);
}

function begun(image: LoadedImage, name: string, requestedBy: string): Search | undefined {
  if (image.searches.length >= MOST_SEARCHES) return undefined;
  const later = image.started;
  const tried = name.includes('/') ? [name] : [];
  const search: Search = { name, requestedBy, later, tried, places: new Map(), path: null };
  image.searches.push(search);
  return search;
}

function settle(image: LoadedImage, name: string): void {
  for (const search of image.searches) {
    if (search.name === name && search.path === null) search.path = search.tried.at(-1) ?? null;
  }
}

/**
 * Requests that nothing was searched for were answered by a library that was
 * there already; only a search that led nowhere is one that was not found.
 */
export function notFound(image: LoadedImage): readonly Search[] {
  return image.searches.filter(({ path, tried }) => path === null && tried.length > 0);
}

function failure(image: LoadedImage, line: string, text: string): void {
  const [, object = '', occasion = '', words = ''] = FAILURE.exec(line) ?? [];
  if (object === '' || image.errors.length >= MOST_ERRORS) return;
  const version = VERSION.exec(words);
  const symbol = SYMBOL.exec(words)?.[1];
  const later = image.started;
  const base = { object, later, text: text.trim() };
  if (version !== null) {
    const [, subject = '', requiredBy = ''] = version;
    image.errors.push({ ...base, kind: 'version', subject, requiredBy });
  } else if (symbol !== undefined) {
    image.errors.push({ ...base, kind: 'symbol', subject: symbol, requiredBy: null });
  } else {
    image.errors.push({
      ...base,
      kind: 'other',
      subject: `${occasion}: ${words}`,
      requiredBy: null,
    });
  }
}
