const names = ['accent', 'accent-soft', 'ink', 'ink-2', 'line', 'line-strong', 'surface', 'sunken'] as const;

export type Palette = Record<(typeof names)[number], string>;

/** The page's tokens as colours that a chart can use, for the theme in force around `element`. */
export function readPalette(element: Element): Palette {
  const probe = document.createElement('span');
  element.append(probe);
  const colours = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(colours) as Palette;
}
