/** Sessions on the simulated cluster: the same that hold on a real one (docs/testing-on-a-cluster.md). */

import { openSimulated } from './cluster/simulated.ts';
import { clusterSuite } from './cluster/suite.ts';

clusterSuite('a simulated cluster', openSimulated);
