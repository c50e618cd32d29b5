/**
 * Are the texts in step? Same keys and same parameters in English and Chinese, every
 * error code has its sentence, every key the code names exists, and no text is left
 * that nothing says. `--write` sorts the keys of every catalog.
 */
import { readFileSync, readdirSync, statSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { repository } from './console.mjs';

const languages = ['en', 'zh-CN'];
const plural = /_(zero|one|two|few|many|other)$/;

function filesBelow(directory, matches) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return filesBelow(path, matches);
    return matches.test(name) ? [path] : [];
  });
}

/** Every catalog file: where, which language, which area, its texts. */
function readCatalogs() {
  return ['shared/messages', 'renderer/i18n'].flatMap((home) =>
    filesBelow(join(repository, home), /\.json$/).flatMap((path) => {
      const name = relative(join(repository, home), path);
      const language = languages.find(
        (one) => name === `${one}.json` || name.startsWith(`${one}/`),
      );
      if (language === undefined) return [];
      const source = readFileSync(path, 'utf8');
      const area = name === `${language}.json` ? 'window' : basename(name, '.json');
      return [{ path, home, language, area, source, texts: JSON.parse(source) }];
    }),
  );
}

const parametersOf = (text) =>
  [...text.matchAll(/\{\{\s*(\w+)[^}]*\}\}/g)].map(([, name]) => name).sort();

/** Keys without their plural ending, with every parameter that any of their forms takes. */
function baseKeys(texts) {
  const keys = new Map();
  for (const [key, text] of Object.entries(texts)) {
    const base = key.replace(plural, '');
    keys.set(base, new Set([...(keys.get(base) ?? []), ...parametersOf(text)]));
  }
  return keys;
}

function compareLanguages(catalogs) {
  const problems = [];
  const areas = new Set(catalogs.map(({ home, area }) => `${home}#${area}`));
  for (const area of areas) {
    const [english, chinese] = languages.map((language) =>
      catalogs.find((one) => `${one.home}#${one.area}` === area && one.language === language),
    );
    if (!english || !chinese) {
      problems.push(`${area}: exists in one language only`);
      continue;
    }
    const [left, right] = [baseKeys(english.texts), baseKeys(chinese.texts)];
    for (const [key, parameters] of left) {
      const other = right.get(key);
      if (!other) problems.push(`${key}: missing in zh-CN`);
      else if ([...parameters].sort().join() !== [...other].sort().join())
        problems.push(`${key}: parameters differ (${[...parameters]} and ${[...other]})`);
    }
    for (const key of right.keys()) if (!left.has(key)) problems.push(`${key}: missing in en`);
  }
  return problems;
}

/**
 * A mark of the ASCII set beside Chinese: a comma, semicolon, colon, exclamation or question
 * mark, or a bracket. `{{file}}:{{line}}` and what stands between Latin words is fine.
 */
const narrowMark =
  /(?<=[\p{Script=Han}」』”）])[,;:!?()]|[,;:!?()](?=[\p{Script=Han}「『“（])|(?<=\}\})[,;](?=\{\{)/u;

function checkMarks({ path, language, texts }) {
  if (language !== 'zh-CN') return [];
  const name = relative(repository, path);
  return Object.entries(texts)
    .filter(([, text]) => narrowMark.test(text))
    .map(([key, text]) => `${name}: ${key} has an ASCII “${narrowMark.exec(text)[0]}” in Chinese`);
}

function checkForm({ path, home, area, source, texts }) {
  const name = relative(repository, path);
  const written = [...source.matchAll(/^\s*"((?:[^"\\]|\\.)+)"\s*:/gm)].map(([, key]) => key);
  const problems = [];
  if (written.join() !== [...new Set(written)].sort().join())
    problems.push(`${name}: keys are not sorted, or one stands twice (--write sorts them)`);
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text !== 'string' || text.trim() === '') problems.push(`${name}: ${key} is empty`);
    if (home === 'shared/messages' && !key.startsWith(`${area}.`))
      problems.push(`${name}: ${key} does not begin with the area's name`);
  }
  return problems;
}

/** What the code says: literals, heads of templates, keys given to message() or t(). */
async function readCode() {
  const { default: ts } = await import('typescript');
  const code = { literals: new Set(), heads: new Set(), named: [], codes: new Map() };
  const visit = (node, file) => {
    if (ts.isStringLiteralLike(node)) code.literals.add(node.text);
    if (ts.isTemplateExpression(node) && node.head.text.includes('.'))
      code.heads.add(node.head.text);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const [key] = node.arguments;
      const speaks = ['message', 't'].includes(node.expression.text);
      if (speaks && key && ts.isStringLiteralLike(key))
        code.named.push({ key: key.text, file, window: node.expression.text === 't' });
    }
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'errorParameters')
      for (const [, quoted, bare, list] of node.initializer
        .getText()
        .matchAll(/(?:'([a-z-]+)'|\b([a-z]+)): \[([^\]]*)\]/g))
        code.codes.set(quoted ?? bare, list.match(/(?<=')\w+(?=')/g) ?? []);
    ts.forEachChild(node, (child) => visit(child, file));
  };
  for (const part of ['electron', 'renderer', 'shared'])
    for (const path of filesBelow(join(repository, part), /\.tsx?$/)) {
      const file = relative(repository, path);
      visit(ts.createSourceFile(file, readFileSync(path, 'utf8'), 99, true), file);
    }
  return code;
}

function compareWithCode(catalogs, code) {
  const english = catalogs.filter(({ language }) => language === 'en');
  const sentences = new Map(english.flatMap(({ texts }) => [...baseKeys(texts)]));
  const keys = new Set(sentences.keys());
  const problems = [];
  for (const [one, promised] of code.codes) {
    const wanted = sentences.get(`error.${one}`);
    if (!wanted) problems.push(`error code ${one} has no sentence`);
    else if ([...wanted].sort().join() !== [...promised].sort().join())
      problems.push(`error.${one} fills in (${[...wanted]}), the code gives (${promised})`);
  }
  if (code.codes.size === 0) problems.push('shared/error.ts: no error codes found');
  for (const { key, file } of code.named)
    if (!keys.has(key)) problems.push(`${file}: ${key} is in no catalog`);
  for (const key of keys) {
    const used =
      code.literals.has(key) ||
      [...code.heads].some((head) => key.startsWith(head)) ||
      (key.startsWith('error.') && code.codes.has(key.slice('error.'.length)));
    if (!used) problems.push(`${key}: no code says it`);
  }
  return problems;
}

/** A catalog file that is never imported would be silently absent. */
function checkImported(catalogs) {
  const loader = readFileSync(join(repository, 'shared/messages/catalogs.ts'), 'utf8');
  return catalogs
    .filter(({ home, path }) => {
      const name = relative(join(repository, home), path);
      return home === 'shared/messages' && !loader.includes(`'./${name}'`);
    })
    .map(
      ({ path }) => `${relative(repository, path)}: not imported by shared/messages/catalogs.ts`,
    );
}

function sortCatalogs(catalogs) {
  for (const { path, texts } of catalogs) {
    const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
  }
}

const catalogs = readCatalogs();
if (process.argv.includes('--write')) {
  sortCatalogs(catalogs);
} else {
  const problems = [
    ...catalogs.flatMap(checkForm),
    ...catalogs.flatMap(checkMarks),
    ...compareLanguages(catalogs),
    ...checkImported(catalogs),
    ...compareWithCode(catalogs, await readCode()),
  ];
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
