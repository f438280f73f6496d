import { node, pod, service, slice } from './cluster.ts';

/** A client on one node, and on the other a service's pod, of a ReplicaSet. */
export const TWO_NODES = [
  node('node1', '10.0.0.1'),
  node('node2', '10.0.0.2'),
  pod('client', '10.1.1.5', { node: 'node1' }),
  pod('cart-6cb689644c-x2x2x', '10.1.2.7', {
    ...{ node: 'node2', labels: { 'pod-template-hash': '6cb689644c' } },
    owner: ['ReplicaSet', 'cart-6cb689644c'],
  }),
  service('cart', '10.9.0.10', { ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] }),
  slice('cart', ['10.1.2.7']),
];
