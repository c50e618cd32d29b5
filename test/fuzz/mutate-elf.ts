import { elfFields, type ElfFields } from './elf-fields.ts';
import { byteMutators, numberBytes, type Mutator } from './mutate.ts';

/** Fields are found once for each file: edits that keep the length keep them where they are. */
const known = new Map<string, ElfFields>();

function fieldsOf(bytes: Buffer): ElfFields {
  const key = `${bytes.length}:${bytes.toString('latin1', 0, 64)}`;
  let fields = known.get(key);
  if (fields === undefined) {
    fields = elfFields(bytes);
    // Inputs of other lengths come and go: only the seeds are asked for again and again.
    if (known.size < 64) known.set(key, fields);
  }
  return fields;
}

/** A number that the format gives a meaning to becomes one at which readers stumble. */
const overwriteField: Mutator = (bytes, random, other) => {
  const { little, groups } = fieldsOf(bytes);
  if (groups.length === 0) return random.pick(byteMutators)(bytes, random, other);
  const { at, width } = random.pick(random.pick(groups));
  return { at, remove: width, insert: numberBytes(random, width, little, bytes.length) };
};

/** A field takes the value of another: counts become offsets, tables overlap. */
const copyField: Mutator = (bytes, random, other) => {
  const { groups } = fieldsOf(bytes);
  if (groups.length === 0) return random.pick(byteMutators)(bytes, random, other);
  const { at, width } = random.pick(random.pick(groups));
  const from = random.pick(random.pick(groups)).at;
  return { at, remove: width, insert: Buffer.from(bytes.subarray(from, from + width)) };
};

export const elfMutators: readonly Mutator[] = [
  overwriteField,
  overwriteField,
  overwriteField,
  overwriteField,
  copyField,
  ...byteMutators,
];
