/** How the gallery is built: the screens on the fake model, for screenshots and for tests in a browser. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  publicDir: "../public",
  plugins: [react()],
  build: {
    outDir: "../../build/gallery",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    rollupOptions: { input: "gallery.html" },
  },
});
