import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('../renderer', import.meta.url));

/** Stands in for the nonce that the main process puts into index.html. */
const BROWSER_NONCE = 'browser';

/** The policy of the packaged window, so that `vite preview` breaks where the app would. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' 'nonce-${BROWSER_NONCE}'`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const browserNonce: Plugin = {
  name: 'devmend-browser-nonce',
  transformIndexHtml: (html) => html.replaceAll('__CSP_NONCE__', BROWSER_NONCE),
};

/**
 * `vite build` makes the window's bundle in dist/renderer. `--mode browser`
 * (dev server, preview) runs the same window on the fake bridge.
 */
export default defineConfig(({ mode }) => ({
  root,
  base: './',
  plugins: mode === 'browser' ? [react(), browserNonce] : [react()],
  build: {
    outDir: fileURLToPath(
      new URL(
        mode === 'browser' ? '../dist/renderer-browser' : '../dist/renderer',
        import.meta.url,
      ),
    ),
    emptyOutDir: true,
    // Electron 25, the oldest runtime that must work, is Chromium 114.
    target: 'chrome114',
    // A data: address would need another source in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // zod decides when a schema is made whether to make code at run time, which the policy
          // forbids. Files are evaluated before the ones that import them: with its setting in
          // its own file, no schema of any other file can come first.
          groups: [{ name: 'zod', test: /node_modules\/zod\/|renderer\/no-eval\.ts$/ }],
        },
      },
    },
  },
  preview: { headers: { 'Content-Security-Policy': policy } },
}));
