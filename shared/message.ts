import * as z from 'zod';

/**
 * A text that has not been put into words yet: a key of the catalogs in
 * `shared/messages` and what to fill in. Everything the engine says to a
 * person travels in this form, so that window and terminal speak the same
 * sentence in the reader's language.
 */
export const messageSchema = z.strictObject({
  key: z.string().min(1).max(200),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});
export type Message = z.infer<typeof messageSchema>;

/** Builds a {@link Message}. */
export function message(key: string, params: Message['params'] = {}): Message {
  return { key, params };
}
