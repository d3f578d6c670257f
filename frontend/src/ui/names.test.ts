/** Initials and lists of names, as readers count letters. */
import { expect, it } from "vitest";
import { initials, isolated, listNames } from "./names.ts";

it.each([
  ["Alice Moreau", "AM"],
  ["emre", "E"],
  ["Ünal von der Ötz", "ÜÖ"],
  ["👩‍🚀 Zoé", "👩‍🚀Z"],
  ["Ana Maria (Ops)", "AO"],
  ["“Dev” Patel", "DP"],
  ["---", "?"],
])("takes the initials of %s", (name, expected) => {
  expect(initials(name)).toBe(expected);
});

it("lists names as a sentence does", () => {
  expect(listNames(["Ana"])).toBe("Ana");
  expect(listNames(["Ana", "Bo"])).toBe("Ana and Bo");
  expect(listNames(["Ana", "Bo", "Cy", "Di"])).toBe("Ana, Bo and 2 others");
});

it("keeps a name apart from the sentence that it stands in", () => {
  expect(listNames(["\u202eAna", "פרח"].map(isolated))).toBe("\u2068\u202eAna\u2069 and \u2068פרח\u2069");
});
