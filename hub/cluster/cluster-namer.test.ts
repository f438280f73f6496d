import { describe, expect, test } from 'vitest';
import { RecordView } from '../../flow/record.ts';
import { list, node, pod, service, slice } from '../../test/kubernetes/cluster.ts';
import { connectionRecord, type ExchangeSpec, exchangeRecord } from '../../test/records.ts';
import { Standing } from '../ingest/namer.ts';
import { ClusterNamer } from './cluster-namer.ts';
import { identityOf } from './objects-file.ts';
import { parseObjects } from './read-objects.ts';

const identity = identityOf(
  parseObjects(
    list(
      node('node-a', '10.1.0.1'),
      node('node-b', '10.1.0.2'),
      pod('web-1', '10.2.1.5', { labels: { 'pod-template-hash': 'x' }, owner: ['StatefulSet', 'web'] }),
      pod('cart-1', '10.2.2.7', { node: 'node-b', owner: ['StatefulSet', 'cart'] }),
      pod('agent', '10.1.0.1', { hostNetwork: true, ports: [9100] }),
      pod('cache', '10.2.2.9', {
        node: 'node-b',
        ports: [{ containerPort: 6379, hostPort: 16_379 }],
        hostIP: '10.1.0.2',
      }),
      service('cart', '10.9.0.10', { ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] }),
      service('web', '10.9.0.11'),
      service('web-headless', 'None'),
      service('elsewhere', '10.9.0.12'),
      slice('cart', ['10.2.2.7']),
      slice('web', ['10.2.1.5']),
      slice('web-headless', ['10.2.1.5']),
    ),
  ),
);

function dst(ip: string, port: number, spec: Partial<ExchangeSpec> = {}, observer = 'node-a') {
  const record = exchangeRecord({ dst: ip, dstPort: port, host: 'x', ...spec });
  return new ClusterNamer(identity).dst(new RecordView().at(record, 0), observer);
}
function src(ip: string, spec: Partial<ExchangeSpec> = {}, observer = 'node-a') {
  const record = exchangeRecord({ src: ip, srcPort: 9100, ...spec });
  return new ClusterNamer(identity).src(new RecordView().at(record, 0), observer);
}

describe('the server', () => {
  test('a pod, with its service', () => {
    expect(dst('10.2.2.7', 8080)).toEqual({
      endpoint: {
        ...{
          ip: '10.2.2.7',
          port: 8080,
          name: 'cart',
          namespace: 'shop',
          pod: 'cart-1',
          workload: 'cart',
          node: 'node-b',
        },
        service: 'cart',
      },
      standing: Standing.own,
    });
  });

  test('a service that was dialled, by its address or by a port of any node', () => {
    const cart = { name: 'cart', namespace: 'shop', service: 'cart' };
    for (const [ip, port] of [
      ['10.9.0.10', 80],
      ['10.1.0.1', 30_080],
      ['10.2.1.1', 30_080],
      ['127.0.0.1', 30_080],
    ] as const) {
      expect(dst(ip, port)).toEqual({
        endpoint: { ip, port, ...cart },
        standing: Standing.onTheWay,
        service: 'cart',
      });
    }
  });

  test('a pod of hostNetwork, by its port: on the address of the node, its gateway, and loopback where it was seen', () => {
    for (const ip of ['10.1.0.1', '10.2.1.1', '127.0.0.1']) {
      expect(dst(ip, 9100)).toMatchObject({
        endpoint: { ip, pod: 'agent', node: 'node-a' },
        standing: Standing.own,
      });
    }
    expect(dst('127.0.0.1', 9100, {}, 'node-b').endpoint).toMatchObject({ name: 'node-b', node: 'node-b' });
    expect(dst('127.0.0.1', 9100, {}, 'file.pcap').endpoint.node).toBeUndefined();
  });

  test('a hostPort leads to its pod, which is elsewhere', () => {
    expect(dst('10.1.0.2', 16_379)).toMatchObject({
      endpoint: { pod: 'cache' },
      standing: Standing.onTheWay,
    });
  });

  test('a node, and what is outside: by the name that is asked of it', () => {
    expect(dst('10.1.0.2', 22)).toEqual({
      endpoint: { ip: '10.1.0.2', port: 22, name: 'node-b', node: 'node-b' },
      standing: Standing.onTheWay,
    });
    expect(dst('192.0.2.1', 80, { host: 'api.example' })).toEqual({
      endpoint: { ip: '192.0.2.1', port: 80, name: 'api.example' },
      standing: Standing.outside,
    });
  });

  test.each([
    ['web', 'web'],
    ['web:8080', 'web'],
    ['web.shop', 'web'],
    ['web-headless.shop.svc.cluster.local', 'web-headless'],
    ['web-1.web-headless.shop.svc', 'web-headless'],
    ['web.other', undefined],
    ['elsewhere', undefined],
    ['10.9.0.11', 'web'],
    ['10.9.0.12', undefined],
    ['10.2.1.5:8080', undefined],
    ['', undefined],
  ])('which of its services was called, by the Host field: %s', (host, expected) => {
    expect(dst('10.2.1.5', 8080, { host }).endpoint.service).toBe(expected);
  });

  test.each([
    ['shop.example', 'cart'],
    ['10.1.0.1:30080', 'cart'],
    ['[fd00::1]:80', 'cart'],
    ['10.2.2.7:8080', undefined],
  ])('of one service only: %s', (host, expected) => {
    expect(dst('10.2.2.7', 8080, { host }).endpoint.service).toBe(expected);
  });
});

describe('the client', () => {
  test('a pod, a node by any of its addresses, and what is outside', () => {
    expect(src('10.2.1.5')).toMatchObject({
      endpoint: { pod: 'web-1', workload: 'web' },
      standing: Standing.own,
    });
    for (const ip of ['10.1.0.2', '10.2.2.1']) {
      expect(src(ip)).toEqual({
        endpoint: { ip, port: 9100, name: 'node-b', node: 'node-b' },
        standing: Standing.onTheWay,
      });
    }
    expect(src('192.0.2.1')).toMatchObject({ endpoint: { name: '192.0.2.1' }, standing: Standing.outside });
  });

  test('no pod of hostNetwork, whatever port it has: all of a node share the address', () => {
    expect(src('10.1.0.1').endpoint.pod).toBeUndefined();
  });

  test('the kubelet, by an address that nobody knows, is on the node of the pod it probes', () => {
    const agent = (userAgent: string) =>
      src('169.254.7.1', { dst: '10.2.2.7', userAgent }, 'node-b').endpoint;
    expect(agent('kube-probe/1.33')).toMatchObject({ name: 'node-b', node: 'node-b' });
    expect(agent('curl/8')).toMatchObject({ name: '169.254.7.1' });
  });
});

test('the ends of a connection are named too', () => {
  const namer = new ClusterNamer(identity);
  const view = new RecordView().at(connectionRecord({ src: '10.2.1.5', dst: '10.9.0.10', dstPort: 80 }), 0);
  expect(namer.dst(view, 'node-a').endpoint.service).toBe('cart');
  expect(namer.src(view, 'node-a').endpoint.pod).toBe('web-1');
});
