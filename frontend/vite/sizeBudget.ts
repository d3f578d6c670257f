/** Fails the build when what the page loads before it shows anything is too much. */
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

/** `kilobytes` of JavaScript, compressed as gzip does, that index.html loads: by itself and by static imports. */
export function sizeBudget(kilobytes: number): Plugin {
  return {
    name: "parley-size-budget",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["index.html"];
      const html = page?.type === "asset" ? String(page.source) : "";
      const initial = new Set(
        Array.from(html.matchAll(/<script[^>]* src="\/([^"]+)"/g), ([, name = ""]) => name),
      );
      if (initial.size === 0) {
        this.error("index.html loads no JavaScript.");
      }
      for (const name of initial) {
        const chunk = bundle[name];
        for (const imported of chunk !== undefined && isChunk(chunk) ? chunk.imports : []) {
          initial.add(imported);
        }
      }
      const bytes = [...initial].reduce((sum, name) => {
        const chunk = bundle[name];
        return sum + (chunk !== undefined && isChunk(chunk) ? gzipSync(chunk.code, { level: 9 }).length : 0);
      }, 0);
      const said = `The page loads ${(bytes / 1_000).toFixed(1)} kB of JavaScript (gzip) at first`;
      if (bytes > kilobytes * 1_000) {
        this.error(
          `${said}; its budget is ${kilobytes} kB. Load by import() what the first screen does not need.`,
        );
      }
      this.info(`${said}; its budget is ${kilobytes} kB.`);
    },
  };
}

function isChunk(file: Rolldown.OutputChunk | Rolldown.OutputAsset): file is Rolldown.OutputChunk {
  return file.type === "chunk";
}
