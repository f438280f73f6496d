import type { Static } from 'typebox';
import { expectTypeOf, test } from 'vitest';
import type {
  ApiError,
  ConnectionPage,
  ExportProgress,
  FlowPage,
  FlowRow,
  Health,
  MapEdge,
  MapNode,
  PacketEstimate,
  ServiceMap,
  Summary,
  TargetPod,
  TargetReport,
  WorkerHealth,
} from '../../../flow/api.ts';
import type { ClusterHealth } from '../../../flow/cluster-health.ts';
import type { Field } from '../../../flow/fields.ts';
import type {
  Body,
  Completeness,
  Connection,
  ConnectionSide,
  Endpoint,
  Flow,
  Hop,
} from '../../../flow/flow.ts';
import type { TargetSpec } from '../../../flow/targets.ts';
import type * as answers from './answers.ts';
import type * as flow from './flow.ts';
import type * as targets from './targets.ts';

// `npm run types` is what runs this test: a schema that says something else than the type does not compile.
test('the schemas say what the types say', () => {
  expectTypeOf<Static<typeof flow.EndpointSchema>>().toEqualTypeOf<Endpoint>();
  expectTypeOf<Static<typeof flow.BodySchema>>().toEqualTypeOf<Body>();
  expectTypeOf<Static<typeof flow.CompletenessSchema>>().toEqualTypeOf<Completeness[]>();
  expectTypeOf<Static<typeof flow.HopSchema>>().toEqualTypeOf<Hop>();
  expectTypeOf<Static<typeof flow.FlowSchema>>().toEqualTypeOf<Flow>();
  expectTypeOf<Static<typeof flow.ConnectionSideSchema>>().toEqualTypeOf<ConnectionSide>();
  expectTypeOf<Static<typeof flow.ConnectionSchema>>().toEqualTypeOf<Connection>();
  expectTypeOf<Static<typeof answers.FlowRowSchema>>().toEqualTypeOf<FlowRow>();
  expectTypeOf<Static<typeof answers.FlowPageSchema>>().toEqualTypeOf<FlowPage>();
  expectTypeOf<Static<typeof answers.ConnectionPageSchema>>().toEqualTypeOf<ConnectionPage>();
  expectTypeOf<Static<typeof answers.SummarySchema>>().toEqualTypeOf<Summary>();
  expectTypeOf<Static<typeof answers.ExportProgressSchema>>().toEqualTypeOf<ExportProgress>();
  expectTypeOf<Static<typeof answers.PacketEstimateSchema>>().toEqualTypeOf<PacketEstimate>();
  expectTypeOf<Static<typeof answers.MapNodeSchema>>().toEqualTypeOf<MapNode>();
  expectTypeOf<Static<typeof answers.MapEdgeSchema>>().toEqualTypeOf<MapEdge>();
  expectTypeOf<Static<typeof answers.ServiceMapSchema>>().toEqualTypeOf<ServiceMap>();
  expectTypeOf<Static<typeof answers.WorkerHealthSchema>>().toEqualTypeOf<WorkerHealth>();
  expectTypeOf<Static<typeof answers.ClusterHealthSchema>>().toEqualTypeOf<ClusterHealth>();
  expectTypeOf<Static<typeof answers.HealthSchema>>().toEqualTypeOf<Health>();
  expectTypeOf<Static<typeof answers.ApiErrorSchema>>().toEqualTypeOf<ApiError>();
  expectTypeOf<Static<typeof targets.TargetSpecSchema>>().toEqualTypeOf<TargetSpec>();
  expectTypeOf<Static<typeof targets.TargetPodSchema>>().toEqualTypeOf<TargetPod>();
  expectTypeOf<Static<typeof targets.TargetReportSchema>>().toEqualTypeOf<TargetReport>();
  expectTypeOf<Static<typeof answers.FieldSchema>>().toEqualTypeOf<FieldTold>();
});

/** What the API tells of a field: all but the function. */
type FieldTold = { -readonly [K in keyof Omit<Field, 'read' | 'column'>]: Omit<Field, 'read' | 'column'>[K] };
