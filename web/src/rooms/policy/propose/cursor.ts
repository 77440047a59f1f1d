export interface Spot {
  line: number;
  column: number;
}

/** Where a line and a column (both from 1, in characters as people count them) stand in a text. */
export function indexOf(text: string, { line, column }: Spot): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const characters = [...(lines[line - 1] ?? '')].slice(0, column - 1);
  return Math.min(before + characters.join('').length, text.length);
}

export function spotOf(text: string, index: number): Spot {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: [...(before.at(-1) ?? '')].length + 1 };
}

const LINES_ABOVE = 4;

/** Puts the cursor there, with some lines above it in sight. */
export function putCursor(area: HTMLTextAreaElement, spot: Spot): void {
  const at = indexOf(area.value, spot);
  area.focus();
  area.setSelectionRange(at, at);
  const height = parseFloat(getComputedStyle(area).lineHeight);
  area.scrollTop = Math.max(0, (spot.line - 1 - LINES_ABOVE) * height);
  area.scrollLeft = 0;
}
