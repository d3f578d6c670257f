/** Tells the service worker which files the page is made of: all but itself, named by their content. */
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

export const WORKER = "serviceWorker.js";
const PLACE = "__SHELL__";

/** `unbundled` are files of public/ that belong to the shell. */
export function shell(unbundled: readonly string[]): Plugin {
  return {
    name: "parley-shell",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const worker = bundle[WORKER];
      if (worker?.type !== "chunk" || !worker.code.includes(PLACE)) {
        this.error(`${WORKER} has no place for the list of files.`);
      }
      const named = Object.keys(bundle).filter((name) => name !== WORKER && !/-ext-|vietnamese/.test(name));
      const files = [
        "/",
        ...named.filter((name) => name !== "index.html").map((name) => `/${name}`),
        ...unbundled,
      ];
      const page = bundle["index.html"];
      const text = page?.type === "asset" ? page.source : "";
      const version = createHash("sha256").update(files.join("\n")).update(text).digest("hex").slice(0, 16);
      worker.code = worker.code.replace(PLACE, () => JSON.stringify({ version, files }));
    },
  };
}
