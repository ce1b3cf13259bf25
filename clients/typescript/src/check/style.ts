/** How the element looks. A page changes it by the custom properties that stand here, and by its parts. */
export const STYLE = `
:host { display: block; font: inherit; color: inherit; }
:host([hidden]) { display: none; }
.check { display: grid; justify-items: center; gap: var(--holdfast-check-gap, 0.75rem); text-align: center; }
p { margin: 0; overflow-wrap: anywhere; }
img {
  display: block; width: 100%; max-width: var(--holdfast-check-code, 20rem); aspect-ratio: 1; padding: 0.75rem;
  box-sizing: border-box; border-radius: 0.5rem; background: #fff; image-rendering: pixelated;
  forced-color-adjust: none;
}
.scanned img { opacity: 0.35; }
.state, .said { font-weight: 600; }
a, button { font: inherit; min-height: 44px; box-sizing: border-box; }
a { display: inline-flex; align-items: center; color: inherit; }
button { padding: 0.5rem 1rem; border-radius: 0.5rem; border: 1px solid currentColor; background: none; color: inherit; cursor: pointer; }
:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
`;
