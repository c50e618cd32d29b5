const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  y: 'ý',
  c: 'ç',
  n: 'ñ',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
};

/**
 * A text made 40 % longer and visibly different, to see that nothing clips and
 * that no text is outside the catalogs. Places to be filled in stay as they are.
 */
export function pseudo(text: string): string {
  const accented = text
    .split(/(\{\{\w+\}\})/)
    .map((part) =>
      part.startsWith('{{')
        ? part
        : part.replace(/[aeiouycnAEIOU]/g, (letter) => ACCENTS[letter] ?? letter),
    )
    .join('');
  const length = Math.ceil(text.replace(/\{\{\w+\}\}/g, '').length * 0.4);
  const padding = 'lorem ipsum dolor sit amet '
    .repeat(Math.ceil(length / 27) + 1)
    .slice(0, length)
    .replace(/ $/, 'm');
  return padding === '' ? accented : `${accented} ${padding}`;
}

/** The English catalog in that language. */
export function pseudoCatalog(catalog: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(catalog).map(([key, text]) => [key, pseudo(text)]));
}
