import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.LIANFANG_SERVER ?? 'http://127.0.0.1:8080';

const PAGES = ['gate', 'round', 'declare', 'me', 'verify', 'pass'];
const WORKER = 'field-worker.js';
const SHELL = '__SHELL__';

/** Tells the service worker which files make up the pages: it keeps them all. */
function shell(): Plugin {
  return {
    name: 'field-shell',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== 'chunk') return;
        const assets = Object.keys(bundle).filter(
          (name) => name.startsWith('assets/') && !name.endsWith('.map'),
        );
        const files = [...PAGES.map((page) => `/${page}`), ...assets.sort().map((name) => `/${name}`)];
        worker.code = worker.code.replace(
          new RegExp(`["'\`]${SHELL}["'\`]`),
          JSON.stringify(JSON.stringify(files)),
        );
      },
    },
  };
}

const CLIENT = '/svelte/src/internal/client/dom/';
/** Parts of Svelte that no bundler can shake off by itself, with what stands in their place. */
const SPARED: { file: string; from: RegExp; to: string }[] = [
  // These pages are no custom elements.
  {
    file: `${CLIENT}elements/custom-element.js`,
    from: /[^]+/,
    to: 'export function create_custom_element() {}',
  },
  // They are drawn in the browser, never taken over from a server's drawing.
  {
    file: `${CLIENT}hydration.js`,
    from: /export let hydrating = false;/,
    to: 'export const hydrating = false;',
  },
  { file: `${CLIENT}hydration.js`, from: /^\thydrating = value;/m, to: '' },
];

/** Leaves them out; a newer Svelte in which they are no longer found stops the build. */
function spare(): Plugin {
  return {
    name: 'field-spare',
    enforce: 'pre',
    transform(code, id) {
      return SPARED.filter(({ file }) => id.endsWith(file)).reduce((left, { file, from, to }) => {
        if (!from.test(left)) this.error(`${file} is not as expected: see SPARED`);
        return left.replace(from, to);
      }, code);
    },
  };
}

// The field and citizen pages are built by themselves, so that they carry nothing that only the
// command centre needs. They go beside it into `dist`: run this build after that one.
export default defineConfig({
  root: at('./field'),
  publicDir: false,
  plugins: [spare(), svelte({ configFile: at('./svelte.config.js') }), shell()],
  resolve: { alias: { $lib: at('./src/lib') } },
  server: { proxy: { '/api': server } },
  build: {
    target: 'es2022',
    outDir: at('./dist'),
    emptyOutDir: false,
    assetsDir: 'assets',
    // The content security policy allows no inline script and no data: script.
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    manifest: '.vite/field.json',
    rollupOptions: {
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
      input: {
        ...Object.fromEntries(PAGES.map((page) => [page, at(`./field/${page}.html`)])),
        'field-worker': at('./field/worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) => (name === 'field-worker' ? WORKER : 'assets/[name]-[hash].js'),
      },
    },
  },
});
