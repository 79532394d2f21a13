import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVER = `http://127.0.0.1:${process.env["CURLEW_PORT"] ?? "8400"}`;
const COMPRESSIBLE = /\.(html|js|css|svg)$/;
const SMALLEST = 1024;

/** Beside each text its `.br` and `.gz`, so that the server compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: "curlew-compressed",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          const source = file.type === "chunk" ? file.code : file.source;
          const bytes = Buffer.from(source);
          if (!COMPRESSIBLE.test(fileName) || bytes.length < SMALLEST) continue;
          const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
          this.emitFile({
            type: "asset",
            fileName: `${fileName}.br`,
            source: brotliCompressSync(bytes, quality),
          });
          this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(bytes) });
        }
      },
    },
  };
}

/** The page asks for the font of its text at once; the one for ids follows when it is needed. */
function preloadedFont(): Plugin {
  return {
    name: "curlew-preloaded-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) =>
          /geist-latin-wght.*\.woff2$/.test(name),
        );
        if (file === undefined) return [];
        const attrs = {
          rel: "preload",
          as: "font",
          type: "font/woff2",
          href: `/${file}`,
          crossorigin: "",
        };
        return [{ tag: "link", attrs, injectTo: "head" as const }];
      },
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), preloadedFont(), compressed()],
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // they know light-dark()
    assetsInlineLimit: 0, // the policy of our pages takes fonts and images from the server alone
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    port: 8420,
    strictPort: true,
    host: "127.0.0.1",
    // The server sees the page's own host, and takes its writes for what they are.
    proxy: Object.fromEntries(
      ["/v1", "/auth", "/docs", "/problems", "/openapi.json", "/catch/", "/readyz"].map((path) => [
        path,
        { target: SERVER, changeOrigin: false },
      ]),
    ),
  },
});
