import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

const [WIDTH, HEIGHT] = [640, 480];
const FRAMES = 5;
const GREY = 128;

/** A film for a camera, in which a code is held into the picture: as it is drawn on a page. */
export async function filmOf(page: Page, qr: string): Promise<string> {
  await page.locator(qr).waitFor();
  const luma = await page.evaluate(
    async ({ qr, width, height }) => {
      const drawn = document.querySelector<SVGSVGElement>(qr)!.cloneNode(true) as SVGSVGElement;
      const side = height - 40;
      drawn.setAttribute('width', String(side));
      drawn.setAttribute('height', String(side));
      drawn.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
      drawn.style.color = '#000';
      const picture = new Image();
      const text = new XMLSerializer().serializeToString(drawn);
      picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
      await picture.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext('2d')!;
      context.fillStyle = '#fff';
      context.fillRect(0, 0, width, height);
      context.drawImage(picture, (width - side) / 2, (height - side) / 2, side, side);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[at * 4]!);
    },
    { qr, width: WIDTH, height: HEIGHT },
  );
  const frame = Buffer.concat([
    Buffer.from('FRAME\n'),
    Buffer.from(luma),
    Buffer.alloc((WIDTH * HEIGHT) / 2, GREY),
  ]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  const file = join(mkdtempSync(join(tmpdir(), 'lianfang-film-')), 'pass.y4m');
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]));
  return file;
}

/** What makes a browser see a film where it would see a camera. */
export const filmed = (file: string): string[] => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${file}`,
];
