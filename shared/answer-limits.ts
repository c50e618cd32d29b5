/**
 * The most that one answer of the contract may hold. Far above what the largest machine
 * gives (a scan of 5,000 findings has some 200,000 values), and far below what would fill
 * the window's memory: hostile files may make lists and names long, never endless.
 */
export const answerLimits = {
  /** Entries of one list, or keys of one object. */
  entries: 200_000,
  /** Characters of one text: a difference between two large files. */
  text: 16_000_000,
  /** Values in all, lists and objects among them. */
  values: 4_000_000,
  /** Characters in all, keys left out. */
  characters: 64_000_000,
  /** Lists and objects inside each other. */
  depth: 64,
} as const;

/** Whether an answer stays within {@link answerLimits}. Looks no further than the first excess. */
export function isWithinLimits(answer: unknown): boolean {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [
    { value: answer, depth: 0 },
  ];
  let values = 1;
  let characters = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string') {
      characters += value.length;
      if (value.length > answerLimits.text || characters > answerLimits.characters) return false;
    }
    if (typeof value !== 'object' || value === null) continue;
    const entries: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    values += entries.length;
    const isTooMuch = entries.length > answerLimits.entries || values > answerLimits.values;
    if (isTooMuch || depth > answerLimits.depth) return false;
    for (const entry of entries) waiting.push({ value: entry, depth: depth + 1 });
  }
  return true;
}
