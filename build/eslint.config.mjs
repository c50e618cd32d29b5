import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rules that hold for every TypeScript file; the reasons are in style: data in, data out. */
const everywhere = {
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-promise-reject-errors': 'error',
  // Interfaces of the engine answer promises, whether or not one kind has something to wait for.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true },
  ],
  '@typescript-eslint/restrict-template-expressions': [
    'error',
    { allowNumber: true, allowBoolean: true },
  ],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  eqeqeq: ['error', 'always'],
  'no-console': 'error',
  // Reading what a terminal sends is about control characters.
  'no-control-regex': 'off',
  'no-eval': 'error',
  'no-param-reassign': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  // Only erasable syntax, so that plain Node and every bundler read the same program.
  'no-restricted-syntax': [
    'error',
    { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
    { selector: 'TSParameterProperty', message: 'Declare the field and assign it.' },
    { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
  ],
};

export default tseslint.config(
  { ignores: ['dist/**', 'artifacts/**', 'coverage/**', 'node_modules/**'] },
  {
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: root } },
    rules: everywhere,
  },
  {
    // The limits of style: one idea a file, a function that fits on a screen.
    files: ['{electron,renderer,shared}/**/*.{ts,tsx}'],
    rules: {
      'max-lines': ['error', { max: 350, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Components are mostly markup, which is long without being complicated.
    files: ['renderer/**/*.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'max-lines-per-function': ['error', { max: 110, skipBlankLines: true, skipComments: true }],
      // `onPress={async () => …}` is fine: React ignores what a handler returns.
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } },
      ],
    },
  },
  {
    // One door for messages: who registers a handler elsewhere skips the sender and schema checks.
    files: ['{electron,test}/**/*.ts'],
    ignores: ['electron/ipc/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { name: 'electron', importNames: ['ipcMain'], message: 'Only electron/ipc uses ipcMain.' },
      ],
      'no-restricted-properties': [
        'error',
        { property: 'ipcMain', message: 'Only electron/ipc uses ipcMain.' },
      ],
    },
  },
  {
    // Tests assert on loosely typed answers (JSON of a child process) and print nothing less.
    files: ['test/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Tool configurations have to be default exports.
    files: ['**/*.config.ts', 'build/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Scripts that run before anything is installed: plain Node, no types.
    files: ['**/*.{mjs,cjs,js}'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        clearTimeout: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        module: 'writable',
        performance: 'readonly',
        process: 'readonly',
        require: 'readonly',
        setTimeout: 'readonly',
        structuredClone: 'readonly',
      },
    },
    rules: { eqeqeq: ['error', 'always'], 'no-var': 'error', 'prefer-const': 'error' },
  },
);
