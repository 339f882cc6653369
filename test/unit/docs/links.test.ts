import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Text that people read, without what is generated from elsewhere and the locks. */
const files = listed().filter((file) => /\.(md|ts|mjs|js|sh|c|h|cu|cc|json|py|proto)$|^\.ci\/|Dockerfile/.test(file));
const pages = files.filter((file) => file.endsWith('.md'));

test('every relative link of a page leads to a file, and its anchor to a heading', () => {
  expect(pages.length).toBeGreaterThan(30);
  const broken = pages.flatMap((page) =>
    linksOf(read(page))
      .filter((link) => !/^[a-z]+:/.test(link) && problem(page, link))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('every page of docs/ that code, help or another page names is there', () => {
  const named = files.flatMap((file) =>
    [...read(file).matchAll(/(?<![\w./-])docs\/[\w./-]+\.(?:md|svg|png)/g)].map(([path]) => ({ file, path })),
  );
  expect(named.length).toBeGreaterThan(5);
  const missing = named.filter(({ path }) => !existsSync(join(ROOT, path)));
  expect(missing.map(({ file, path }) => `${file}: ${path}`)).toEqual([]);
});

test('docs/README.md lists every page of docs/', () => {
  const listedPages = linksOf(read('docs/README.md')).map((link) => join('docs', link));
  const unlisted = pages.filter(
    (page) => page.startsWith('docs/') && page !== 'docs/README.md' && !listedPages.includes(page),
  );
  expect(unlisted).toEqual([]);
});

test('docs/reference/settings.md names every environment variable that the programs read', () => {
  const sources = files.filter((file) => /^(agent|trainer|shared|proto)\/src\/.*\.ts$/.test(file));
  const variables = new Set(sources.flatMap((file) => read(file).match(/\bALPHATENSOR_[A-Z_]+\b/g) ?? []));
  expect(variables.size).toBeGreaterThan(15);
  const settings = read('docs/reference/settings.md');
  expect([...variables].filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
});

test('README.md fits on two screens', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(80);
});

function listed(): string[] {
  const options = { cwd: ROOT, encoding: 'utf8' } as const;
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], options);
  return output
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)) && !statSync(join(ROOT, file)).isDirectory());
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Targets of links and pictures, those in code left out. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '`');
  return [...prose.matchAll(/\]\(([^()\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(([, link, source]) => link ?? source);
}

function problem(page: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every file that ARCHITECTURE.md and CONTRIBUTING.md name by its path is there', () => {
  const named = ['ARCHITECTURE.md', 'CONTRIBUTING.md'].flatMap((page) =>
    [...read(page).matchAll(/`((?:agent|trainer|shared|proto|test|scripts|docs)\/[\w./-]+)`/g)].map(([, path]) => path),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !path.includes('NAME') && !existsSync(join(ROOT, path)))).toEqual([]);
});
