import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const api = fileURLToPath(new URL('../.pages/api', import.meta.url));
const here = (...pages) => pages.map(([text, link]) => ({ text, link }));
/** Pages that are there: some come with packages that a checkout may lack. */
const gathered = new Set(readdirSync(fileURLToPath(new URL('../.pages', import.meta.url))));
const those = (...pages) => here(...pages).filter(({ link }) => gathered.has(`${link.slice(1)}.md`));

export default defineConfig({
  title: 'vega-merc',
  description: 'Emotion recognition in conversations with VEGA, in TypeScript',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.pages/.cache',
  cleanUrls: false,
  lastUpdated: false,
  markdown: { theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    docFooter: { prev: false, next: false },
    sidebar: [
      {
        text: 'Use',
        items: those(
          ['Quick start', '/quick-start'],
          ['Using a trained model', '/prediction'],
          ['Your own recordings', '/extract'],
          ['In the browser', '/browser'],
          ['Studio', '/studio'],
          ['Serving', '/serving'],
          ['In other programs', '/export'],
          ['Emotions given by faces', '/zero-shot'],
        ),
      },
      {
        text: 'Research',
        items: those(
          ['Your own features', '/features'],
          ["The paper's protocol", '/protocol'],
          ['How numbers are made', '/evaluation'],
          ['On a cluster', '/cluster'],
          ['Beyond these machines', '/scale'],
          ['Results', '/results'],
          ['Findings', '/findings'],
        ),
      },
      {
        text: 'Models and data',
        items: those(['The starter model', '/starter'], ['The sample', '/samples'], ['Data and its terms', '/data']),
      },
      {
        text: 'Inside',
        items: those(
          ['The method', '/method'],
          ['Map of the code', '/design'],
          ['Performance', '/performance'],
          ['Dependencies', '/dependencies'],
        ),
      },
      {
        text: 'API',
        collapsed: true,
        items: readdirSync(api)
          .filter((name) => name !== 'index.md')
          .map((name) => name.replace(/\.md$/, ''))
          .sort((a, b) => Number(b === 'vega-merc') - Number(a === 'vega-merc') || (a < b ? -1 : 1))
          .map((name) => ({
            text: name === 'vega-merc' ? name : `vega-merc/${name.replace('-', '/')}`,
            link: existsSync(`${api}/${name}`) ? `/api/${name}/` : `/api/${name}`,
          })),
      },
    ],
  },
});
