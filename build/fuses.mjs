/**
 * Electron's fuses as Devmend is shipped (acceptance: RunAsNode, NODE_OPTIONS,
 * --inspect and file:// privileges off; code only from app.asar; cookies encrypted).
 * One list for the package, the app directory and the test that reads them back.
 * Names are those of @electron/fuses.
 */
export const fuses = Object.freeze({
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  // Checked by Electron on macOS and Windows only; on Linux root owns the package's files.
  EnableEmbeddedAsarIntegrityValidation: false,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
});

/** All that the end-to-end build has different: Playwright drives Electron through the inspector. */
export const endToEndFuses = Object.freeze({ ...fuses, EnableNodeCliInspectArguments: true });
