/** One edit of an input: `remove` bytes at `at` make way for `insert`. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Buffer;
}

/**
 * An input as the edits that lead to it. Small whatever the size of the file, and it
 * can be made smaller by leaving edits out.
 */
export interface Recipe {
  /** Name of the seed file. */
  readonly seed: string;
  readonly edits: readonly Edit[];
}

/** The bytes of an input; `largest` as for {@link applyEdit}. */
export function applyEdits(seed: Buffer, edits: readonly Edit[], largest: number): Buffer {
  return edits.reduce<Buffer>((bytes, edit) => applyEdit(bytes, edit, largest), Buffer.from(seed));
}

/**
 * One more edit: in place where the length stays. Positions behind the end mean the end, and
 * an input that would grow too large stays as it is.
 */
export function applyEdit(bytes: Buffer, { at, remove, insert }: Edit, largest: number): Buffer {
  const start = Math.min(at, bytes.length);
  const end = Math.min(start + remove, bytes.length);
  const length = bytes.length - (end - start) + insert.length;
  if (length > largest && length > bytes.length) return bytes;
  if (insert.length === 0 && end === bytes.length) return bytes.subarray(0, start);
  if (length !== bytes.length)
    return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(end)]);
  insert.copy(bytes, start);
  return bytes;
}

/**
 * Leaves out every edit that is not needed for `fails` to hold; asks at most `tries` times.
 * Answers the smaller recipe.
 */
export async function minimise(
  recipe: Recipe,
  fails: (candidate: Recipe) => Promise<boolean>,
  tries = 64,
): Promise<Recipe> {
  let smallest = recipe;
  let left = tries;
  for (let index = recipe.edits.length - 1; index >= 0 && left > 0; index -= 1, left -= 1) {
    const candidate = { ...smallest, edits: smallest.edits.filter((_, place) => place !== index) };
    if (candidate.edits.length < smallest.edits.length && (await fails(candidate)))
      smallest = candidate;
  }
  return smallest;
}
