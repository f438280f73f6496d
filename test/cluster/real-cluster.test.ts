/** `npm run e2e:cluster`: the sessions of test/e2e/cluster on the cluster of KUBECONFIG. See docs/testing-on-a-cluster.md. */

import { clusterSuite } from '../e2e/cluster/suite.ts';
import { openReal } from './real-cluster.ts';

clusterSuite('the cluster of KUBECONFIG', openReal);
