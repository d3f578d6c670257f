/** How days and times are said. */
import { describe, expect, it } from "vitest";
import { dayName, fileSize, lastSeen } from "./times.ts";

const NOW = new Date(2026, 10, 21, 10, 0);
const at = (day: number, hour = 9) => new Date(2026, 10, day, hour).getTime();

describe("days", () => {
  it("are told from now by midnights, not by hours", () => {
    expect(dayName(at(21, 0), NOW)).toBe("Today");
    expect(dayName(at(20, 23), NOW)).toBe("Yesterday");
    expect(dayName(at(18), NOW)).toBe("Wednesday");
    expect(dayName(new Date(2024, 2, 3).getTime(), NOW)).toContain("2024");
  });

  it("tell when somebody was there", () => {
    expect(lastSeen(NOW.getTime() - 20_000, NOW)).toBe("just now");
    expect(lastSeen(NOW.getTime() - 5 * 60_000, NOW)).toBe("5 min ago");
    expect(lastSeen(at(20), NOW)).toMatch(/^yesterday at/);
  });
});

it("says sizes as people read them", () => {
  expect([12, 482_133, 999_600, 2_400_000].map(fileSize)).toEqual(["12 bytes", "482 KB", "1.0 MB", "2.4 MB"]);
});
