export const margin = { left: 52, right: 16, top: 40, bottom: 28 };
export const PACKS_PX = 220;
export const PACKS_HEIGHT_PX = margin.top + PACKS_PX + margin.bottom;
