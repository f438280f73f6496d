import { expect, test } from 'vitest';
import { Common, RecordView } from '../../flow/record.ts';
import { connectionRecord, exchangeRecord } from '../../test/records.ts';
import { AddressNamer, dnsName, MAX_NAMED_ADDRESSES } from './namer.ts';

const request = (host: string, dst = '10.0.0.2', src = '10.0.0.1') =>
  new RecordView().at(exchangeRecord({ host, dst, src }), 0);

test('an address is named by the host that is asked of it, as a source too', () => {
  const namer = new AddressNamer();
  expect(namer.dst(request('Cart.Shop.:8080')).endpoint).toEqual({
    ip: '10.0.0.2',
    port: 8080,
    name: 'cart.shop',
  });
  expect(namer.src(request('x', '10.0.0.3', '10.0.0.2')).endpoint).toMatchObject({ name: 'cart.shop' });
});

test('two names are none', () => {
  const namer = new AddressNamer();
  namer.dst(request('cart'));
  namer.dst(request('CART:80'));
  expect(namer.dst(request('10.0.0.2')).endpoint.name).toBe('cart');
  expect(namer.dst(request('orders')).endpoint.name).toBe('10.0.0.2');
  expect(namer.dst(request('cart')).endpoint.name).toBe('10.0.0.2');
});

test.each([
  '10.0.0.2:80',
  '',
  '[::1]:80',
  '<script>',
  'a b',
  '-x',
  `${'a'.repeat(64)}.b`,
  'a..b',
  '[REDACTED]',
])('not a name: %s', (host) => expect(dnsName(host)).toBeUndefined());

test('the number of names is bounded', () => {
  const namer = new AddressNamer();
  namer.dst(request('first', '9.9.9.9'));
  const record = exchangeRecord({ host: 'n' });
  const data = new DataView(record.buffer);
  const view = new RecordView().at(record, 0);
  for (let i = 0; i <= MAX_NAMED_ADDRESSES; i++) {
    data.setUint32(Common.dst + 12, i);
    namer.dst(view);
  }
  expect(namer.src(request('x', '1.1.1.1', '9.9.9.9')).endpoint.name).toBe('9.9.9.9');
});

test('services that share the loopback address are told apart by their ports', () => {
  const namer = new AddressNamer();
  const at = (port: number, host: string) => {
    const record = exchangeRecord({ host, dst: '127.0.0.1', src: '127.0.0.1' });
    new DataView(record.buffer).setUint16(Common.dstPort, port, true);
    return new RecordView().at(record, 0);
  };
  expect(namer.dst(at(3000, 'localhost:3000')).endpoint.name).toBe('localhost:3000');
  expect(namer.dst(at(8080, '127.0.0.1:8080')).endpoint.name).toBe('localhost:8080');
  expect(namer.dst(at(9000, 'shop.local:9000')).endpoint.name).toBe('shop.local');
  expect(namer.dst(at(3000, 'localhost')).endpoint.name).toBe('localhost:3000');
  expect(namer.src(at(9000, 'shop.local')).endpoint.name).toBe('localhost');
});

test('an address is named by what TLS asks of it too, as long as both ask for the same', () => {
  const namer = new AddressNamer();
  const tls = (serverName: string) =>
    new RecordView().at(connectionRecord({ serverName, dst: '203.0.113.7', src: '10.0.0.1' }), 0);
  expect(namer.dst(tls('')).endpoint.name).toBe('203.0.113.7');
  expect(namer.dst(tls('api.example')).endpoint.name).toBe('api.example');
  expect(namer.dst(tls('')).endpoint.name).toBe('api.example');
  expect(namer.dst(request('203.0.113.7', '203.0.113.7')).endpoint.name).toBe('api.example');
  expect(namer.dst(request('api.example', '203.0.113.7')).endpoint.name).toBe('api.example');
  expect(namer.dst(tls('other.example')).endpoint.name).toBe('203.0.113.7');
});
