import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { Files } from './files.ts';
import { found, missed, type Looked } from './problems.ts';

/** VS Code's product.json is some 100 kB; forks with built-in lists reach a few hundred. */
const PRODUCT_LIMIT = 8 * 1024 * 1024;

const text = z.string().min(1).max(500);
/** The keys by which VS Code and its forks know themselves; all others are left alone. */
const productSchema = z.object({
  nameShort: text,
  nameLong: text,
  applicationName: text,
  version: text.optional().catch(undefined),
  codeServerVersion: text.optional().catch(undefined),
  /** What forks with numbers of their own are made from. */
  vscodeVersion: text.optional().catch(undefined),
  commit: text.optional().catch(undefined),
  quality: text.optional().catch(undefined),
  dataFolderName: text.optional().catch(undefined),
  serverDataFolderName: text.optional().catch(undefined),
  serverApplicationName: text.optional().catch(undefined),
});
export type Product = z.infer<typeof productSchema>;

/**
 * How an installation is laid out.
 * - `desktop`: Electron, `resources/app/product.json`
 * - `code-server`: `lib/vscode/product.json` below a package of its own
 * - `server`: `product.json` beside `out` and a `node` or a server launcher
 * - `bare`: `product.json` beside `out`, run by somebody else's Electron (Arch's `code`)
 */
export type Layout = 'desktop' | 'code-server' | 'server' | 'bare';

export interface Installation {
  readonly directory: string;
  readonly productFile: string;
  readonly layout: Layout;
  readonly product: Product;
  readonly version: string;
  /** The VS Code that it is made from: extensions ask for that. */
  readonly codeVersion: string;
}

const SHAPES: readonly (readonly [file: string, layout: Layout])[] = [
  ['resources/app/product.json', 'desktop'],
  ['lib/vscode/product.json', 'code-server'],
  ['product.json', 'server'],
];

/**
 * The editor installed in a directory, by the content of its product.json.
 * Null where there is none; a problem where there is one that cannot be read.
 */
export function installationIn(directory: string, files: Files): Looked<Installation> | null {
  for (const [file, shape] of SHAPES) {
    const productFile = join(directory, file);
    if (!files.exists(productFile)) continue;
    if (shape === 'server' && !files.exists(join(directory, 'out'))) continue;
    const product = readProduct(productFile, files);
    if (product === null) continue;
    if (!product.ok) return product;
    const layout = shape === 'server' ? serverOrBare(directory, product.value, files) : shape;
    const version = versionOf(directory, productFile, layout, product.value, files);
    const codeVersion = codeVersionOf(productFile, product.value, files) ?? version;
    return found({ directory, productFile, layout, product: product.value, version, codeVersion });
  }
  return null;
}

/** Null when the file is some other program's product.json. */
function readProduct(path: string, files: Files): Looked<Product> | null {
  const content = files.readText(path, PRODUCT_LIMIT);
  if (!content.ok) return content;
  let json: unknown;
  try {
    json = JSON.parse(content.value);
  } catch {
    return missed('malformed', path, 'JSON');
  }
  const product = productSchema.safeParse(json);
  return product.success ? found(product.data) : null;
}

function serverOrBare(directory: string, product: Product, files: Files): Layout {
  const launchers = ['node', product.serverApplicationName].filter((name) => name !== undefined);
  const isServer = launchers.some(
    (name) => files.exists(join(directory, name)) || files.exists(join(directory, 'bin', name)),
  );
  return isServer ? 'server' : 'bare';
}

/** Older product.json files carry no version; then the package.json beside it does. */
function versionOf(
  directory: string,
  productFile: string,
  layout: Layout,
  product: Product,
  files: Files,
): string {
  const own =
    layout === 'code-server'
      ? (packageVersion(directory, files) ?? product.codeServerVersion)
      : product.version;
  return own ?? packageVersion(dirname(productFile), files) ?? product.version ?? '';
}

function codeVersionOf(productFile: string, product: Product, files: Files): string | null {
  const own = product.vscodeVersion ?? product.version;
  return own ?? packageVersion(dirname(productFile), files);
}

function packageVersion(directory: string, files: Files): string | null {
  const content = files.readText(join(directory, 'package.json'), PRODUCT_LIMIT);
  if (!content.ok) return null;
  const version = /"version"\s*:\s*"([^"\\]{1,100})"/.exec(content.value)?.[1];
  return version ?? null;
}

/** A name for people; a server is told from the desktop editor of the same product. */
export function displayName(installation: Installation): string {
  const { product, layout } = installation;
  const isServer = layout === 'server' && !/server/i.test(product.nameLong);
  return isServer ? `${product.nameLong} Server` : product.nameLong;
}

/** The directory that holds a server's `data`: `~/.vscode-server` for every commit below it. */
export function serverBase(directory: string): string {
  const parts = directory.split('/');
  for (const marker of ['cli', 'bin']) {
    const at = parts.lastIndexOf(marker);
    if (at > 1 && parts.length - at <= 4) return parts.slice(0, at).join('/');
  }
  return basename(directory) === 'server' ? dirname(directory) : directory;
}
