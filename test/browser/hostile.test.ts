import { describe, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { browserFixture, hasBrowser, openNewest, rows } from './fixture.ts';

const MARKUP = `"><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)>\${alert(4)}{{alert(5)}}`;
const TURNED = 'user\u202egnp.exe\u2066\u200b';
const HUGE = 'A'.repeat(1_000_000);

/** What a server or client could put on the wire to harm who looks at it. */
function hostile(text: string): Partial<Flow> {
  const end = { ip: '10.6.6.6', port: 1, name: text, namespace: text, pod: text };
  return {
    src: end,
    dst: end,
    node: text,
    request: {
      method: text.slice(0, 200),
      target: `/${text}`,
      url: `javascript:alert(1)//${text}`,
      path: `/${text}`,
      query: { [text]: text, __proto__: text },
      host: text,
      headers: [
        [text, text],
        ['__proto__', text],
      ],
      cookies: { [text]: text },
      bodySize: text.length,
      body: { mime: `text/html;${text}`, text },
    },
    response: {
      status: 200,
      reason: text,
      headers: [['Content-Type', text]],
      bodySize: text.length,
      body: {
        mime: 'image/svg+xml',
        text: `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(6)">${text}</svg>`,
      },
    },
    completeness: ['malformed'],
    problem: text,
  };
}

describe.skipIf(!hasBrowser)('hostile traffic', () => {
  // The fixture fails a test for a dialog, an exception, a refusal by the policy or a request to elsewhere.
  const { hub: startHub, open } = browserFixture();

  test.each([
    ['markup', MARKUP],
    ['turned about', TURNED],
    ['huge', HUGE],
  ])('%s is text in the list and in every tab', async (_, text) => {
    const hub = await startHub();
    hub.push(() => hostile(text));
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const pane = await openNewest(page);
    for (const name of ['Response', 'Request', 'Timing', 'Connection', 'Raw', 'JSON']) {
      await pane.getByRole('tab', { name }).first().click();
      await page.waitForTimeout(120);
      if (name !== 'Request' && name !== 'Response') continue;
      for (const part of await pane.getByRole('tablist').nth(1).getByRole('tab').all()) {
        await part.click();
        await page.waitForTimeout(80);
      }
    }
    expect(
      await page
        .locator('#app script, #app iframe, #app a, #app object, #app [onerror], #app [onload]')
        .count(),
    ).toBe(0);
    expect(
      await page.evaluate(() => (document.querySelector('#app')?.textContent ?? '').length),
    ).toBeLessThan(200_000);
    expect(await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText))).toBe(
      false,
    );
  });

  test('an image that is none is not drawn', async () => {
    const hub = await startHub();
    hub.push(() => ({
      response: {
        status: 200,
        reason: '',
        headers: [],
        bodySize: 20,
        body: { mime: 'image/png', base64: Buffer.from('<svg onload=alert(1)>').toString('base64') },
      },
    }));
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const pane = await openNewest(page);
    await pane.getByText('This is not an image that can be drawn').waitFor();
  });

  test('hostile names do no harm on the map', async () => {
    const node = (name: string) => ({
      id: name,
      name,
      kind: 'external' as const,
      ips: [MARKUP],
      served: 1,
      sent: 1,
      errors: 1,
    });
    const hub = await startHub({
      map: {
        from: '2026-01-01T00:00:00Z',
        to: '2026-01-01T00:01:00Z',
        level: 'workload',
        seconds: 60,
        nodes: [node(MARKUP), node(TURNED), node('__proto__'), node('A'.repeat(100_000))],
        edges: [],
      },
    });
    const page = await open(`${hub.url}?view=map`);
    await page.locator('[data-map] canvas').first().waitFor();
    await page.getByLabel('Find a service').fill('alert');
    await page.keyboard.press('Enter');
    await page.locator('[data-pane=map-detail]').getByText('onerror').first().waitFor();
  });

  test('the address cannot bring in anything', async () => {
    const hub = await startHub({ history: 3 });
    const page = await open(
      `${hub.url}?filter=${encodeURIComponent(MARKUP)}&flow=${encodeURIComponent('../../x')}&token=s3cret`,
    );
    await page.locator('#filter-error').waitFor();
    expect(page.url()).not.toContain('s3cret');
  });
});
