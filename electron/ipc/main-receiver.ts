import { ipcMain } from 'electron';
import type { MessageReceiver } from './registrar.ts';

/** Where the window's messages arrive. */
export const mainReceiver: MessageReceiver = ipcMain;
