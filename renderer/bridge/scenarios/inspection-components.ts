import type { ComponentLine, ComponentReport, RuntimeNeeds } from '../../../shared/component.ts';
import { HOME, words } from './machine.ts';
import { gitFinding } from './findings.ts';

const CODE = '/usr/share/code';
const MODULES = `${CODE}/resources/app/node_modules`;

function needs(
  glibc: string | null,
  glibcxx: string | null,
  path: string,
  symbols: readonly string[] = [],
): RuntimeNeeds {
  const libc = { library: 'libc.so.6', version: `GLIBC_${glibc}`, symbols: [...symbols] };
  const cxx = { library: 'libstdc++.so.6', version: `GLIBCXX_${glibcxx}` };
  return {
    glibc,
    glibcxx,
    cxxabi: glibcxx === null ? null : '1.3.9',
    forcedBy: [
      ...(glibc === null ? [] : [{ ...libc, requiredBy: path }]),
      ...(glibcxx === null
        ? []
        : [{ ...cxx, symbols: ['_ZNSt7__cxx1112basic_stringIcE9_M_createEv'], requiredBy: path }]),
    ],
  };
}

function line(
  role: ComponentLine['role'],
  name: string,
  path: string,
  rest: Partial<ComponentLine> = {},
): ComponentLine {
  const breaks = words(`component.breaks.${role}`, { editor: 'VS Code', name, extension: 'Go' });
  const fine = { state: 'works', needs: null, reason: null, finding: null, program: null } as const;
  return { id: `${role}-${name}`, role, name, path, breaks, ...fine, ...rest };
}

const PTY = `${MODULES}/node-pty/build/Release/pty.node`;
const WATCHER = `${MODULES}/@parcel/watcher/build/Release/watcher.node`;
const LINT = `${HOME}/go/bin/golangci-lint`;

const editorLines: readonly ComponentLine[] = [
  line('terminal', 'pty.node', PTY, {
    state: 'fails',
    needs: needs('2.38', '3.4.22', PTY, ['__isoc23_strtol', 'forkpty', 'openpty']),
    reason: words('component.reason.version', { version: 'GLIBC_2.38', present: '2.36' }),
    finding: gitFinding.id,
    program: 'module-pty',
  }),
  line('extension', 'dlv-dap', `${HOME}/.vscode/extensions/golang.go-0.52.2/bin/dlv-dap`, {
    state: 'unknown',
    reason: words('component.reason.absent.not-found', {
      path: '/lib/ld-linux-x86-64.so.2',
    }),
  }),
  line('opened-library', 'libsecret-1.so.0', 'libsecret-1.so.0', {
    state: 'weak',
    breaks: words('component.breaks.opened-library.passwords', { editor: 'VS Code' }),
    reason: words('component.reason.absent.not-found', { path: 'libsecret-1.so.0' }),
  }),
  line('editor', 'code', `${CODE}/code`, {
    needs: needs('2.28', null, `${CODE}/code`, ['fcntl64']),
    program: 'program-code',
  }),
  line('search', 'rg', `${MODULES}/@vscode/ripgrep/bin/rg`),
  line('file-watcher', 'watcher.node', WATCHER, {
    needs: needs('2.28', '3.4.22', WATCHER, ['fcntl64']),
  }),
  line('signature', 'vsce-sign', `${MODULES}/@vscode/vsce-sign/bin/vsce-sign`, {
    needs: needs('2.27', null, `${MODULES}/@vscode/vsce-sign/bin/vsce-sign`, ['glob', 'logf']),
  }),
  line('module', 'pty.node', `${MODULES}/node-pty/prebuilds/linux-arm64/pty.node`, {
    id: 'module-arm64',
    state: 'not-used',
    reason: words('component.reason.foreign-architecture'),
  }),
];

const goLines: readonly ComponentLine[] = [
  line('linter', 'golangci-lint', LINT, {
    needs: needs('2.34', null, LINT, ['__libc_start_main']),
  }),
  line('gopls', 'gopls', `${HOME}/go/bin/gopls`, {
    needs: needs('2.34', null, `${HOME}/go/bin/gopls`, ['pthread_create', 'pthread_detach']),
    program: 'program-gopls',
  }),
  line('dlv', 'dlv', `${HOME}/go/bin/dlv`, {
    needs: needs('2.34', null, `${HOME}/go/bin/dlv`, ['__libc_start_main']),
    program: 'program-dlv',
  }),
  line('go', 'go', '/usr/local/go/bin/go'),
];

const highest = needs('2.38', '3.4.22', PTY, ['__isoc23_strtol', 'forkpty', 'openpty']);

/** What the editor and the Go tools of the fake machine load. */
export const componentReport: ComponentReport = {
  schema: 'devmend.components/1',
  groups: [
    {
      editorId: 'code',
      ...{ name: 'VS Code', version: '1.139.1', directory: CODE },
      needs: highest,
      components: [...editorLines],
    },
    {
      editorId: null,
      ...{ name: '', version: '', directory: '' },
      needs: needs('2.34', null, LINT),
      components: [...goLines],
    },
  ],
  present: { GLIBC: '2.36', GLIBCXX: '3.4.30', CXXABI: '1.3.13' },
  glibcRelease: '2.36',
};
