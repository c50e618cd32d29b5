import { join } from 'node:path';
import { fuses } from './fuses.mjs';
import { APPLICATION_ID } from './scripts/assemble.mjs';
import { setFuses } from './scripts/fuses.mjs';

/**
 * What electron-builder makes: by `npm run package` the unpacked app directory that the
 * .deb is built from, and on a connected machine AppImage and rpm as well
 * (`npx electron-builder --config build/electron-builder.config.mjs --linux AppImage rpm`).
 * It packs the directory that `stageApp` lays out, which is what the end-to-end tests drive.
 */
const configuration = {
  appId: APPLICATION_ID,
  productName: 'Devmend',
  executableName: 'devmend',
  copyright: 'Copyright © 2026 The Devmend authors',
  directories: {
    app: 'artifacts/package-app',
    output: 'artifacts/package',
    buildResources: 'build/icons',
  },
  files: ['**/*'],
  asar: { smartUnpack: false },
  asarUnpack: ['**/*.node'],
  // node-pty is Node-API: one binary for every Electron, compiled at install.
  npmRebuild: false,
  publish: null,
  // Not `electronFuses`: that refuses an Electron whose wire is shorter than the list.
  afterPack: ({ appOutDir }) => setFuses(join(appOutDir, 'devmend'), fuses),
  linux: {
    target: ['dir'],
    category: 'Development',
    icon: 'build/icons',
    maintainer: 'The Devmend authors <devmend@users.noreply.github.com>',
  },
};

export default configuration;
