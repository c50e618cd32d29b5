/// <reference types="vite/client" />
import type { DevmendBridge } from '../shared/bridge.ts';

declare global {
  interface Window {
    /** Put there by the preload script; absent in a plain browser. */
    readonly devmend?: DevmendBridge;
  }
}
