import { readFileSync } from 'node:fs';
import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';

/** Made by build.ts out of docs/README.md. */
const sidebar = JSON.parse(readFileSync(new URL('../.site/sidebar.json', import.meta.url), 'utf8'));

export default defineConfig({
  title: 'Orders and payments',
  description: 'Orders that are never lost, and never charged twice: Moleculer, Kafka, PostgreSQL.',
  base: process.env.DOCS_BASE ?? '/',
  srcDir: '.site/pages',
  outDir: '.site/site',
  cacheDir: '.site/cache',
  // Of a system that runs on the reader's machine.
  ignoreDeadLinks: 'localhostLinks',
  themeConfig: {
    sidebar,
    outline: [2, 3],
    // In the browser, by an index that is part of the site: nobody else is asked.
    search: { provider: 'local' },
  },
  markdown: {
    // The pages are Markdown as GitHub shows it: their anchors are GitHub's, and `<name>` is text.
    html: false,
    anchor: { slugify: (text) => slug(text) },
    toc: { slugify: (text) => slug(text) },
    headers: { slugify: (text) => slug(text) },
    languageAlias: { console: 'shellsession', patch: 'diff' },
  },
});
