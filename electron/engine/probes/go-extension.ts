import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Editor, ProbeData } from '../../../shared/snapshot.ts';
import { extensionsDirectory, installedExtensions } from './component-places.ts';
import { installationIn } from './editor-product.ts';
import { pause } from './pause.ts';
import type { Probe, ProbeContext } from './probe.ts';

type GoExtension = ProbeData<'go-extension'>['extensions'][number];

const EXTENSION = 'golang.go';
const LIMIT = 4 * 1024 * 1024;

/** What is read of the extension's own package.json. */
const packageSchema = z.object({
  version: z.string(),
  engines: z.object({ vscode: z.string() }).optional().catch(undefined),
});
/** VS Code writes `pinned` when an extension was installed from a file, or by its version. */
const listSchema = z.array(
  z.object({
    identifier: z.object({ id: z.string() }),
    relativeLocation: z.string().optional().catch(undefined),
    location: z.object({ path: z.string().optional() }).optional().catch(undefined),
    metadata: z.object({ pinned: z.boolean().optional() }).optional().catch(undefined),
  }),
);

/** The Go extension of each editor: which version, which VS Code it asks for, whether it is pinned. */
export const goExtensionProbe: Probe<'go-extension'> = {
  id: 'go-extension',
  after: ['editors'],
  timeoutMs: 3_000,
  run: async (context) => {
    const extensions: GoExtension[] = [];
    for (const editor of context.result('editors')?.editors ?? []) {
      await pause(context.signal);
      extensions.push(...goExtensionsOf(editor, context));
    }
    return { status: 'ok', problems: [], data: { extensions } };
  },
};

function goExtensionsOf(editor: Editor, { machine, files }: ProbeContext): GoExtension[] {
  const installation = installationIn(editor.directory, files);
  if (installation?.ok !== true) return [];
  const directory = extensionsDirectory(installation.value, machine, files);
  const json = (path: string): unknown => {
    const text = files.readText(path, LIMIT);
    try {
      return text.ok ? (JSON.parse(text.value) as unknown) : null;
    } catch {
      return null;
    }
  };
  const isGo = (id: string): boolean => id.toLowerCase() === EXTENSION;
  return installedExtensions(directory, files).flatMap(({ top, extension }) => {
    const own = isGo(extension ?? '')
      ? packageSchema.safeParse(json(join(top, 'package.json')))
      : null;
    if (own?.success !== true) return [];
    const list = listSchema.safeParse(json(join(directory, 'extensions.json')));
    // Two versions may be listed, each with a pin of its own: the folder tells which is which.
    const entry = list.success
      ? list.data.find(
          ({ identifier, relativeLocation, location }) =>
            isGo(identifier.id) &&
            basename(relativeLocation ?? location?.path ?? '') === basename(top),
        )
      : undefined;
    return [
      {
        editorId: editor.id,
        editorName: editor.name,
        editorVersion: editor.version,
        version: own.data.version,
        engine: own.data.engines?.vscode ?? null,
        directory: top,
        pinned: entry?.metadata?.pinned ?? false,
      },
    ];
  });
}
