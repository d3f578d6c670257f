/** Pictures of the fake model's people: drawn, since there is no service to have them from. */

/** A portrait in these colours, as an address; the fake link to all avatars is the avatar itself. */
export function portrait(ground: string, skin: string, hair: string, shirt: string): string {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
    <path fill="${ground}" d="M0 0h64v64H0z"/>
    <path fill="${shirt}" d="M6 64c0-13 11-18 26-18s26 5 26 18z"/>
    <path fill="${skin}" d="M26 38h12v8a6 6 0 0 1-12 0z"/>
    <circle cx="32" cy="28" r="13" fill="${skin}"/>
    <path fill="${hair}" d="M18 30c-2-13 5-19 14-19s16 6 14 19c-2-7-7-10-14-10s-12 3-14 10z"/>
  </svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}
