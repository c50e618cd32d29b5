import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTexts, shownLines } from '../../../electron/engine/changes/text-diff.ts';
import { redactLine } from '../../../electron/engine/secrets/redact-line.ts';
import { redactText } from '../../../electron/engine/secrets/redact-text.ts';
import { LINES, TEXTS } from './secret-shapes.ts';

/** Told apart from every word of the shapes; begins and ends with anything that a shell lets be. */
const secret = fc.stringMatching(/^[A-Za-z0-9]{2}Zq9[A-Za-z0-9+_.=~-]{3,60}[A-Za-z0-9]$/);

describe('A3.11 a random secret never shows', () => {
  it.each(LINES)('on one line: %s', (_name, write) => {
    fc.assert(
      fc.property(secret, (x) => {
        expect(redactLine(write(x))).not.toContain(x);
        expect(redactText(`a\n${write(x)}\n`)).not.toContain(x);
      }),
    );
  });

  it.each(TEXTS)('over lines: %s', (_name, write) => {
    fc.assert(
      fc.property(secret, fc.constantFrom('\n', '\r\n'), (x, end) => {
        const text = write(x).replaceAll('\n', end);
        const shown = redactText(text);
        expect(shown).not.toContain(x);
        expect(shown.split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });

  it.each([...LINES, ...TEXTS])('in a difference: %s', (_name, write) => {
    fc.assert(
      fc.property(secret, secret, (x, y) => {
        const [before, after] = [Buffer.from(`${write(x)}\n`), Buffer.from(`${write(y)}\nz\n`)];
        const shown = JSON.stringify([diffTexts(before, after), shownLines(after)]);
        expect(shown).not.toContain(x);
        expect(shown).not.toContain(y);
      }),
      { numRuns: 20 },
    );
  });
});

describe('A3.11 tokens are known by their form', () => {
  it.each([
    'AKIAIOSFODNN7EXAMPLE',
    'ASIAIOSFODNN7EXAMPLE',
    'ghp_0123456789abcdefghijABCDEFGHIJ',
    'github_pat_0123456789abcdefghij_ABCDEFGHIJ',
    'glpat-0123456789abcdefghij',
    'npm_0123456789abcdefghijABCDEFGHIJ',
    'xoxb-0123456789-abcdefghij',
    'sk-proj-0123456789abcdefghijABCDEFGHIJ',
    'hf_0123abcdefghijkl',
    'AIza0123456789abcdefghijABCDEFGHIJ',
    'ya29.0123456789abcdefghij',
    'GOCSPX-0123456789abcdefghij',
    'eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4',
    '$6$0123456789$abcdefghijABCDEFGHIJ',
    'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQ',
  ])('%s', (token) => {
    for (const line of [token, `x ${token} y`, `"a": ["${token}"]`, `<a>${token}</a>`])
      expect(redactLine(line)).not.toContain(token.slice(5));
  });
});

describe('what a report needs stays readable', () => {
  it.each([
    '"editor.tokenColorCustomizations": { "comments": "#ff0000" }',
    '"editor.semanticTokenColorCustomizations": { "rules": { "*.static": "#00ff00" } },',
    '"editor.maxTokenizationLineLength": 20000, "a.maxTokens": 4096',
    '"terminal.integrated.shellIntegration.enabled": true',
    '"git.useIntegratedAskPass": true, "password": null',
    '"password-store": "gnome-libsecret"',
    '"github.token": "${env:GITHUB_TOKEN}"',
    '{ "key": "ctrl+shift+p", "command": "workbench.action.showCommands" }',
    '{ "name": "GOFLAGS", "value": "-mod=vendor" }',
    '/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.33 => /opt/devmend/glibc-2.41/lib/libc.so.6',
    '/home/user/Projects/Alpha2/Beta3/Gamma4/Delta5/epsilon',
    "libc.so.6: version `GLIBC_2.34' not found (required by /opt/x/token/bin/author)",
    'Build ID: 8e9fd827446c24067541ac5390e6f527fb5947bb',
    'Go build ID: "0aBcD1eFgH2iJkL3mNoP4qRsT5uVwX6yZ7aBcD8eFgH9iJkL0mNoP"',
    'SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  libc6.deb',
    '"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
    '"integrity": "sha512-0aBcD1eFgH2iJkL3mNoP4qRsT5uVwX6yZ7aBcD8eFgH9iJkL0mNoPqRsTuVw=="',
    'golang.org/x/sys v0.1.0 h1:0aBcD1eFgH2iJkL3mNoP4qRsT5uVwX6yZ7aBcD8eFgH=',
    'image: registry.example.org:5000/team/go:1.22@sha256:e3b0c44298fc1c149afbf4c8996fb924',
    '_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0aBcD1eFgH2iJkL3mNoP4qRsT5uVwX6yZ7aB user@host',
    'git clone ssh://git@example.org/a.git && git clone git@example.org:a/b.git',
    'http://proxy.example.org:3128/a, https://host:80/pkg@1.2.3',
    'docker run --user 1000:1000 -e PWD=/src debian:12.8 ls -la',
    '"left-pad": "npm:left-pad@1.2.3"',
    'SSH_AUTH_SOCK=/run/user/1000/keyring/ssh XAUTHORITY=/run/x GIT_ASKPASS=/usr/bin/true',
    'credential.helper=store',
    'SyntaxError: Unexpected token } in JSON at position 4',
    'author: somebody, authority: example',
    '2026-11-23T14:02:12.897Z 12:00:01:22 a::token::b',
    'std::map<Token::Kind, int> 0000000000001139 T token::parse(std::string const&)',
    'libsecret-1.so.0 => /usr/lib/x86_64-linux-gnu/libsecret-1.so.0 (0x00007f0000000000)',
    '/usr/lib/libsecret.so: undefined symbol: secret_password_lookup',
    '/etc/passwd: No such file or directory',
    'libsecret-1-0: 0.20.5-3',
  ])('%s', (line) => {
    expect(redactLine(line)).toBe(line);
    expect(redactText(line)).toBe(line);
  });

  it('hides what is below a secret key in JSON, and nothing beside it', () => {
    const settings = (hidden: string): string =>
      JSON.stringify(
        {
          'editor.tokenColorCustomizations': { textMateRules: [{ scope: 'a', settings: {} }] },
          'x.tokens': [hidden, { deep: hidden, is: true }],
          'git.path': '/usr/bin/git',
        },
        null,
        2,
      );
    expect(redactText(settings('s3cret'))).toBe(settings('••••••'));
    const compact = (hidden: string): string => `{"a":1,"token":"${hidden}","b":{"c":[2]}}`;
    expect(redactText(compact('s3cret'))).toBe(compact('••••••'));
    expect(redactLine(compact('s3cret'))).toBe(compact('••••••'));
  });

  it('goes on after a block of a key, an indented list and open brackets', () => {
    const pem = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nPATH=/bin';
    expect(redactText(pem)).toContain('PATH=/bin');
    expect(redactText('tokens:\n  - a\npath: /bin\n')).toContain('path: /bin');
    expect(redactText('secrets = {\n  a = 1\n}\npath = /bin\n')).toContain('path = /bin');
    expect(redactText('TOKEN=\nPATH=/bin\n')).toBe('TOKEN=\nPATH=/bin\n');
    expect(redactText('docker run -e TOKEN=x \\\n  -v a:b \\\n  image\n')).toContain('-v a:b');
    expect(redactText('Error: bad token: x\n    at f (a.js:1:2)')).toContain('at f (a.js:1:2)');
    const items = '- name: TOKEN\n  value: x\n- name: PATH\n  value: /bin\n';
    expect(redactText(items)).toBe('- name: TOKEN\n  value: ••••••\n- name: PATH\n  value: /bin\n');
  });

  it('never changes what is hidden already', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LINES, ...TEXTS), secret, ([, write], x) => {
        const once = redactText(write(x));
        expect(redactText(once).split('\n')).toHaveLength(once.split('\n').length);
      }),
    );
  });
});

describe('a stranger’s text', () => {
  /** Quadratic time would be minutes for each. */
  it.each([
    ['one character', 'a'],
    ['blanks', ' '],
    ['quotes', '"'],
    ['escaped quotes', 'token=[\\"'],
    ['names', 'token '],
    ['separators', 'token:'],
    ['pairs', '"token":"x",'],
    ['brackets', 'token=['],
    ['calls', '["token",'],
    ['addresses', 'https://a:b@'],
    ['slashes', '://'],
    ['options', '--token '],
    ['elements', '<token '],
    ['backslashes', '\\'],
    ['begins of tokens', 'eyJaaaaaaaa.'],
    ['pipes of names', 'mysql '],
    ['pipes', 'echo a'],
    ['dollars', '$1$'],
    ['logins', '-u a'],
    ['lines', 'a\n'],
    ['names on lines', 'name: token\nvalue: a\n'],
    ['open lines', 'token: "\n'],
  ])('of nothing but %s is gone through', (_name, part) => {
    const text = part.repeat(Math.ceil(200_000 / part.length));
    const lines = text.split('\n').length;
    expect(redactLine(text)).not.toBe('');
    expect(redactText(`{"a": ${text}`).split('\n')).toHaveLength(lines);
  });

  it('of a megabyte on one line keeps what is no secret', () => {
    const text = '"path": "/usr/lib", '.repeat(50_000);
    expect(redactLine(`${text}"token": "s3cret"`)).toBe(`${text}"token": "••••••"`);
  });
});
