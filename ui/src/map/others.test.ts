import { expect, test } from 'vitest';
import { OTHERS_ID, type ServiceMap } from '../../../flow/api.ts';
import { mapEdge, mapNode } from '../../../test/map-parts.ts';
import { requestsOfOthers } from './others.ts';

test('requests from and to what found no room are counted, once', () => {
  const map = (edges: ServiceMap['edges']): ServiceMap => ({
    ...{ from: '', to: '', level: 'workload', seconds: 60 },
    nodes: ['web', 'cart', OTHERS_ID].map((id) => mapNode(id)),
    edges,
  });
  expect(requestsOfOthers(map([mapEdge('web', 'cart')]))).toBe(0);
  expect(
    requestsOfOthers(
      map([
        mapEdge('web', 'cart'),
        { ...mapEdge(OTHERS_ID, 'cart'), count: 20 },
        { ...mapEdge(OTHERS_ID, OTHERS_ID), count: 3 },
      ]),
    ),
  ).toBe(23);
});
