import { writeFile } from 'node:fs/promises';
import { dialog, shell, type BrowserWindow } from 'electron';
import { guarded } from '../engine/faults.ts';
import { translate, type Language } from '../../shared/messages/translate.ts';

/** What is asked of the desktop around the window. */
export interface Desktop {
  readonly openAddress: (address: string) => Promise<void>;
  /** Absolute path of the program the person chose, or null. */
  readonly chooseProgram: () => Promise<string | null>;
  /** Asks where to, and writes; false when the person thought better of it. */
  readonly saveText: (what: 'plan' | 'terminal', text: string) => Promise<boolean>;
}

const saving = {
  plan: { title: 'app.dialog.savePlan', name: 'devmend-plan.json' },
  terminal: { title: 'app.dialog.saveTerminal', name: 'devmend-terminal.txt' },
} as const;

/** The desktop's own dialogs, on top of the window while there is one. */
export function createDesktop(
  windowOf: () => BrowserWindow | null,
  languageOf: () => Language,
): Desktop {
  const words = (key: string): string => translate(languageOf(), { key, params: {} });
  return {
    openAddress: (address) => shell.openExternal(address),
    async chooseProgram() {
      const options = {
        title: words('app.dialog.chooseProgram'),
        properties: ['openFile', 'dontAddToRecent', 'showHiddenFiles'] as const,
      };
      const window = windowOf();
      const mutable = { ...options, properties: [...options.properties] };
      const answer = window
        ? await dialog.showOpenDialog(window, mutable)
        : await dialog.showOpenDialog(mutable);
      return answer.canceled ? null : (answer.filePaths[0] ?? null);
    },
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
