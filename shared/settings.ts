import * as z from 'zod';
import { retentionLimitsSchema } from './history.ts';

/** `$XDG_CONFIG_HOME/devmend/settings.json`. Unknown keys are kept out, missing ones get defaults. */
export const settingsSchema = z.strictObject({
  schema: z.literal('devmend.settings/1').default('devmend.settings/1'),
  language: z.enum(['system', 'en', 'zh-CN']).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Programs the user added, absolute paths. */
  programs: z.array(z.string().max(4096)).max(500).default([]),
  /** Ids of findings the user does not want to see again. */
  dismissed: z.array(z.string().max(200)).max(5000).default([]),
  /** What the history may keep. */
  retention: retentionLimitsSchema.prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;
