/** Dark or light. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { chooseTheme, type Theme, useTheme } from "../../ui/theme.ts";

const THEMES: readonly (readonly [Theme, IconName, string])[] = [
  ["system", "theme", "As the system"],
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
];

export function Look(): ReactNode {
  const chosen = useTheme();
  return (
    <section>
      <h3>Look</h3>
      <fieldset className="segments">
        <legend className="visually-hidden">Theme</legend>
        {THEMES.map(([theme, icon, label]) => (
          <label key={theme}>
            <input checked={chosen === theme} name="theme" onChange={() => chooseTheme(theme)} type="radio" />
            <Icon name={icon} size={18} />
            {label}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
