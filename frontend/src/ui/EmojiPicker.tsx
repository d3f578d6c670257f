/** Emoji to choose from. Loaded when it is first opened. */
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import "./EmojiPicker.css";

const GROUPS: readonly (readonly [string, string])[] = [
  [
    "Faces",
    "😀 😄 😁 😅 😂 🙂 😉 😊 😍 🥰 😘 😜 🤗 🤔 🤨 😐 😏 🙄 😬 😌 😴 🤒 🤯 🥳 😎 🤓 😕 😮 🥺 😢 😭 😱 😡 🤬",
  ],
  ["Hands and hearts", "👍 👎 👌 🤌 ✌️ 🤞 👏 🙌 🙏 💪 👋 🤝 👀 ❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💯 🔥 ✨ ⭐ 🎉 🎂"],
  ["World", "🐶 🐱 🦊 🐻 🐼 🐸 🐝 🦋 🌸 🌻 🌲 🍀 🌍 🌙 ☀️ ⛅ 🌧️ ❄️ 🌊 ⛰️ 🏕️ 🏠 🚆 🚲 🚗 ✈️ ⛵ 🚀"],
  ["Things", "☕ 🍵 🍺 🍷 🍞 🧀 🍕 🍔 🍜 🍰 🍎 🍓 ⚽ 🏔️ 🎸 🎧 📚 💻 📱 📷 💡 🔑 🔒 🛠️ 📌 📎 ✏️ ✅ ❌ ⚠️ ❓ ⏰"],
];
const COLUMNS = 8;

export default function EmojiPicker({ onPick }: { readonly onPick: (emoji: string) => void }): ReactNode {
  const grid = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);
  let count = 0;

  function move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: COLUMNS,
      ArrowUp: -COLUMNS,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(count - 1, stop + step));
      setStop(next);
      grid.current?.querySelectorAll("button")[next]?.focus();
    }
  }

  return (
    // The arrow keys move among the buttons inside.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div className="emoji-picker" onKeyDown={move} ref={grid}>
      {GROUPS.map(([title, emoji]) => (
        <section key={title}>
          <h3>{title}</h3>
          <div className="emoji-grid">
            {emoji.split(" ").map((each) => {
              const index = count;
              count += 1;
              return (
                <button
                  key={each}
                  onClick={() => onPick(each)}
                  onFocus={() => setStop(index)}
                  tabIndex={index === stop ? 0 : -1}
                  type="button"
                >
                  {each}
                </button>
              );
            })}
          </div>
        </section>
      ))}
    </div>
  );
}
