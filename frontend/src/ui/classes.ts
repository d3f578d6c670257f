/** Joins class names. */

/** The class names that are there, with spaces between. */
export function classes(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
