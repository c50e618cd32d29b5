import { setFuses } from './scripts/fuses.mjs';
import { fuses } from './fuses.mjs';
import { join } from 'node:path';

/**
 * What electron-builder makes: by `npm run package` the unpacked app directory that the
 * .deb is built from, and on a connected machine AppImage and rpm as well
 * (`npx electron-builder --config build/electron-builder.config.mjs --linux AppImage rpm`).
 */
const configuration = {
  appId: 'io.github.devmend.Devmend',
  productName: 'Devmend',
  executableName: 'devmend',
  copyright: 'Copyright © 2026 The Devmend authors',
  directories: { output: 'artifacts/package', buildResources: 'build/icons' },
  files: [
    'package.json',
    'dist/{main,preload,engine-worker}.js',
    'dist/*.LEGAL.txt',
    'dist/package.json',
    'dist/renderer/**',
    '!node_modules/**',
    'node_modules/node-pty/package.json',
    'node_modules/node-pty/LICENSE',
    'node_modules/node-pty/lib/**/*.js',
    '!node_modules/node-pty/lib/{windows*,conpty*,worker,shared/conout}{.js,/**}',
    '!node_modules/node-pty/lib/**/*.test.js',
    'node_modules/node-pty/build/Release/pty.node',
  ],
  asar: true,
  asarUnpack: ['node_modules/node-pty/build/Release/*.node'],
  extraMetadata: {
    main: 'dist/main.js',
    desktopName: 'io.github.devmend.Devmend.desktop',
  },
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
    syncDesktopName: false,
  },
};

export default configuration;
