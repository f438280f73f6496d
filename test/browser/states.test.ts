import { describe, expect, test } from 'vitest';
import type { WorkerHealth } from '../../flow/api.ts';
import { browserFixture, hasBrowser, idsOf, rows } from './fixture.ts';

describe.skipIf(!hasBrowser)('when there is nothing or something is wrong', () => {
  const { hub: startHub, open } = browserFixture();

  test('no traffic: it says what to do, and fills by itself', async () => {
    const hub = await startHub();
    const page = await open(hub.url);
    await page.getByRole('heading', { name: 'No traffic yet' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('remora check');
    const id = hub.push();
    await expect.poll(async () => (await idsOf(page))[0]).toBe(id);
  });

  test('a worker that cannot capture says why, in the place where one looks', async () => {
    const hub = await startHub({
      health: {
        status: 'failing',
        messages: [{ level: 'error', text: 'No permission to capture: sudo setcap cap_net_raw+ep node' }],
      },
    });
    const page = await open(hub.url);
    await page.getByText('No permission to capture').waitFor();
    await page.keyboard.press('3');
    await page.getByRole('heading', { name: 'Something is broken' }).waitFor();
  });

  const DENIED = {
    code: 'CAPTURE_NOT_PERMITTED',
    message:
      'packets may not be captured on any: CAP_NET_RAW was taken from the worker and cannot be had again',
    remedy:
      'Let its container add the capability NET_RAW; an admission policy may have taken it off the pod.',
  };
  const worker = (node: string, changes: Partial<WorkerHealth> = {}): WorkerHealth => ({
    ...{ node, session: `of-${node}`, version: '0.1.0', state: 'connected', sources: ['any'] },
    ...{ lastSeen: new Date().toISOString(), packetsPerSecond: 1200, flowsPerSecond: 40 },
    ...{ counters: { packets: 9000 }, limits: {} },
    ...changes,
  });
  const failed = (node: string): WorkerHealth => worker(node, { state: 'failed', problem: DENIED });

  test('a cluster before its workers: it waits for them, and says so', async () => {
    const hub = await startHub({ health: { mode: 'cluster', workers: [] } });
    const page = await open(hub.url);
    await page.getByRole('heading', { name: 'Waiting for workers' }).waitFor();
    await page.keyboard.press('3');
    await page.getByText('none has connected yet').waitFor();
  });

  test('a cluster without traffic: how many nodes are listened on', async () => {
    const workers = [worker('node-a'), worker('node-b'), worker('node-c')];
    const hub = await startHub({ health: { mode: 'cluster', messages: [], workers } });
    const page = await open(hub.url);
    await page.getByText('Listening on 3 nodes.').waitFor();
    await page.getByText('cluster, 3 nodes').waitFor();
  });

  test('some workers cannot capture: the traffic of the others is shown, under a banner with the way out', async () => {
    const workers = [worker('node-a'), failed('node-b'), failed('node-c')];
    const hub = await startHub({ history: 5, health: { status: 'failing', messages: [], workers } });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const banner = page.getByRole('region', { name: 'Workers that cannot capture' });
    await banner.getByText('2 of 3 workers cannot capture.').waitFor();
    expect(await banner.innerText()).toMatch(/node-b, node-c: .*add the capability NET_RAW/);
    await banner.getByRole('button', { name: 'Show' }).click();
    const table = page.getByRole('region', { name: 'Table of workers' });
    await table.getByText('CAPTURE_NOT_PERMITTED').first().waitFor();
    // Those in trouble come first.
    expect(await table.locator('tbody th').allInnerTexts()).toEqual(['node-b', 'node-c', 'node-a']);
    await page.getByText('1 connected, 2 cannot capture').waitFor();
    hub.health.workers = [worker('node-a'), worker('node-b'), worker('node-c')];
    await page.keyboard.press('1');
    await expect.poll(() => banner.count(), { timeout: 15_000 }).toBe(0);
  });

  test('no worker can capture, and nothing came: that is what the list says', async () => {
    const hub = await startHub({
      health: { status: 'failing', workers: [failed('node-a'), failed('node-b')] },
    });
    const page = await open(hub.url);
    await page.getByRole('heading', { name: 'Nothing can be captured' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('add the capability NET_RAW');
  });

  test('no match for a filter: it can be cleared', async () => {
    const hub = await startHub({ history: 20 });
    const page = await open(`${hub.url}?filter=${encodeURIComponent('host == "nowhere"')}`);
    await page.getByRole('heading', { name: 'No flow matches this filter' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).last().click();
    await rows(page).first().waitFor();
  });

  test('the hub goes and comes back: the list stays, and what was missed is there', async () => {
    const hub = await startHub({ history: 20 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const before = await idsOf(page);
    await hub.hangUp();
    await page.getByRole('alert').getByText('The hub does not answer.').waitFor();
    // Long enough that it is the button that brings it back.
    await page.getByText(/Trying again in ([3-9]|\d\d) s/).waitFor();
    expect(await idsOf(page)).toEqual(before);
    const missed = hub.push();
    await hub.listen();
    await page.getByRole('button', { name: 'Try now' }).click();
    await expect.poll(async () => (await idsOf(page))[0], { timeout: 15_000 }).toBe(missed);
    await expect.poll(() => page.getByText('The hub does not answer.').count(), { timeout: 15_000 }).toBe(0);
    const next = hub.push();
    await expect.poll(async () => (await idsOf(page))[0]).toBe(next);
  });

  test('it comes back by itself, too', async () => {
    const hub = await startHub({ history: 5 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await hub.hangUp();
    await page.getByText('The hub does not answer.').waitFor();
    await hub.listen();
    await expect.poll(() => page.getByText('The hub does not answer.').count(), { timeout: 20_000 }).toBe(0);
  });

  test('an address without the token says how to get the right one', async () => {
    const hub = await startHub();
    hub.failure = { status: 401, error: { code: 'UNAUTHORIZED', message: 'No token.' } };
    const page = await open(hub.url);
    await page.getByRole('heading', { name: 'This address is not enough' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('remora view');
  });

  test('an answer that is an error shows its message and its remedy', async () => {
    const hub = await startHub();
    hub.failure = {
      status: 500,
      error: { code: 'STORE', message: 'The disk is full.', remedy: 'Free some space.' },
    };
    const page = await open(hub.url);
    await page.getByText('The disk is full. Free some space.').waitFor();
    hub.failure = undefined;
    hub.push();
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
  });

  test('health: messages, workers with their problems, and counters that can be searched', async () => {
    const hub = await startHub({ history: 5 });
    hub.health = {
      status: 'degraded',
      messages: [{ level: 'warning', text: 'node-b dropped 1.2% of packets: raise --buffer-size' }],
      workers: [
        {
          node: 'node-b',
          session: 's',
          version: '0.1.0',
          state: 'failed',
          sources: ['any'],
          problem: {
            code: 'CAPTURE_LIBPCAP_MISSING',
            message: 'libpcap is missing',
            remedy: 'apt-get install libpcap0.8',
          },
          lastSeen: new Date().toISOString(),
          packetsPerSecond: 0,
          flowsPerSecond: 0,
          counters: { kernelDrops: 512, packets: 9 },
          limits: { connections: 1000 },
        },
      ],
    };
    const page = await open(`${hub.url}?view=health`);
    await page.getByText('raise --buffer-size').waitFor();
    await page.getByText('apt-get install libpcap0.8').waitFor();
    await page.getByLabel('Find a counter or limit').fill('kernel');
    await expect.poll(() => page.getByRole('table').last().locator('tbody tr').count()).toBe(1);
    expect(await page.getByRole('table').last().innerText()).toContain('512');
  });

  test('colours follow the system until they are chosen, and the choice stays', async () => {
    const hub = await startHub({ history: 5 });
    const page = await open(hub.url, { dark: true });
    await rows(page).first().waitFor();
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.keyboard.press('t');
    await expect.poll(ground).not.toBe(dark);
    const light = await ground();
    await page.reload();
    await rows(page).first().waitFor();
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: 'Dark colours' }).click();
    await expect.poll(ground).toBe(dark);
  });
});
