import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { browserFixture, hasBrowser } from './fixture.ts';

describe.skipIf(!hasBrowser)('the map as a file', () => {
  const { hub: startHub, open } = browserFixture();

  test('a picture of each kind, and text of each kind', async () => {
    const hub = await startHub({ history: 500 });
    const page = await open(`${hub.url}?view=map`);
    await page.locator('[data-map] canvas').first().waitFor();
    const save = async (label: string): Promise<Buffer> => {
      await page.getByRole('button', { name: 'Export the map' }).click();
      const coming = page.waitForEvent('download');
      await page.getByRole('dialog').getByRole('button', { name: label }).click();
      return await readFile(await (await coming).path());
    };
    expect((await save('PNG')).subarray(1, 4).toString()).toBe('PNG');
    const svg = (await save('SVG')).toString();
    expect(svg).toContain('>payments<');
    expect(await page.evaluate(parserErrors, svg)).toBe(0);
    expect((await save('DOT')).toString()).toMatch(/^digraph remora/);
    expect((await save('Mermaid')).toString()).toMatch(/^flowchart LR/);

    // A table has no picture.
    await page.getByRole('button', { name: 'Table' }).click();
    await page.getByRole('button', { name: 'Export the map' }).click();
    expect(await page.getByRole('dialog').getByRole('button').count()).toBe(2);
  });
});

function parserErrors(svg: string): number {
  return new DOMParser().parseFromString(svg, 'image/svg+xml').getElementsByTagName('parsererror').length;
}
