import { writeFile } from 'node:fs/promises';
import { dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { guarded } from '../engine/faults.ts';
import { translate, type Language } from '../../shared/messages/translate.ts';

const saving = {
  plan: { title: 'app.dialog.savePlan', name: 'devmend-plan.json' },
  terminal: { title: 'app.dialog.saveTerminal', name: 'devmend-terminal.txt' },
  'entry-markdown': { title: 'app.dialog.saveEntry', name: 'devmend-repair.md' },
  'entry-json': { title: 'app.dialog.saveEntry', name: 'devmend-repair.json' },
} as const;

/** What is asked of the desktop around the window. */
export interface Desktop {
  readonly openAddress: (address: string) => Promise<void>;
  /** Absolute path of the program the person chose, or null. */
  readonly chooseProgram: () => Promise<string | null>;
  /** Absolute path of the .deb or directory that holds another glibc, or null. */
  readonly chooseLibc: (kind: 'package' | 'directory') => Promise<string | null>;
  /** Asks where to, and writes; false when the person thought better of it. */
  readonly saveText: (what: keyof typeof saving, text: string) => Promise<boolean>;
}

/** The desktop's own dialogs, on top of the window while there is one. */
export function createDesktop(
  windowOf: () => BrowserWindow | null,
  languageOf: () => Language,
): Desktop {
  const words = (key: string): string => translate(languageOf(), { key, params: {} });
  async function choose(title: string, what: 'openFile' | 'openDirectory') {
    const window = windowOf();
    const options: OpenDialogOptions = {
      title: words(title),
      properties: [what, 'dontAddToRecent', 'showHiddenFiles'],
    };
    const answer = window
      ? await dialog.showOpenDialog(window, options)
      : await dialog.showOpenDialog(options);
    return answer.canceled ? null : (answer.filePaths[0] ?? null);
  }
  return {
    openAddress: (address) => shell.openExternal(address),
    chooseProgram: () => choose('app.dialog.chooseProgram', 'openFile'),
    chooseLibc: (kind) =>
      kind === 'package'
        ? choose('app.dialog.choosePackage', 'openFile')
        : choose('app.dialog.chooseRoot', 'openDirectory'),
    async saveText(what, text) {
      const window = windowOf();
      const options = { title: words(saving[what].title), defaultPath: saving[what].name };
      const answer = window
        ? await dialog.showSaveDialog(window, options)
        : await dialog.showSaveDialog(options);
      const path = answer.filePath;
      if (answer.canceled || !path) return false;
      await guarded(path, () => writeFile(path, text, { mode: 0o600 }));
      return true;
    },
  };
}
