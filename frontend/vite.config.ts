/** How the web client is built, served while one works on it, and tested. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { developmentStack } from "./vite/developmentStack.ts";
import { shell, WORKER } from "./vite/shell.ts";
import { sizeBudget } from "./vite/sizeBudget.ts";

const INITIAL_KILOBYTES = 150;

export default defineConfig({
  plugins: [
    react(),
    developmentStack(process.env.PARLEY_CONFIGURATION),
    sizeBudget(INITIAL_KILOBYTES),
    shell(["/icon.svg", "/manifest.webmanifest"]),
  ],
  build: {
    outDir: "../build/frontend/site",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: ["index.html", "src/worker/serviceWorker.ts"],
      output: {
        entryFileNames: ({ name }) => (name === "serviceWorker" ? WORKER : "assets/[name]-[hash].js"),
        // What the page needs to show anything is one file, however much of it other files use as well.
        codeSplitting: {
          groups: [
            {
              name: "page",
              tags: ["$initial"],
              test: /^(?!.*[\\/]src[\\/]worker[\\/](serviceWorker|notifications))/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: "happy-dom",
    // Generous, as they end only what will never happen: no test fails because a machine is slow.
    testTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
  },
});
