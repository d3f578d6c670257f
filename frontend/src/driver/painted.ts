/** Waiting for the screen, so that what can wait does not delay what one sees. */

/** Resolves once what was rendered last is on the screen; at once where nobody looks at the page. */
export function painted(): Promise<void> {
  return new Promise((done) => {
    if (document.visibilityState === "hidden") {
      done();
    } else {
      requestAnimationFrame(() => setTimeout(done));
    }
  });
}
