/**
 * Fields of KFL2 about what this version does not see: other protocols, and connections without HTTP. A filter that was made for
 * Kubeshark may ask for them, and gets what KFL2 gives where there is nothing: the default of the type.
 */
import type { Field, FieldType, FieldValue } from './field.ts';

const FLAGS = [
  ...['amqp', 'conn', 'diameter', 'dns', 'flow', 'gql', 'gqlv1', 'gqlv2', 'grpc', 'icmp', 'kafka', 'ldap'],
  ...[
    'mongodb',
    'mysql',
    'postgresql',
    'radius',
    'redis',
    'sctp',
    'tcp',
    'tcp_conn',
    'tcp_flow',
    'tls',
    'udp',
  ],
  ...['udp_conn', 'udp_flow', 'ws'],
];

/** What is told of each protocol, after its name. */
const TOLD: Partial<Record<FieldType, Record<string, readonly string[]>>> = {
  bool: {
    amqp: ['request', 'response'],
    diameter: ['request', 'response'],
    dns: ['request', 'response'],
    kafka: ['request', 'response'],
    ldap: ['request', 'response'],
    mongodb: ['success'],
    mysql: ['success'],
    postgresql: ['success'],
    radius: ['request', 'response'],
    ws: ['request', 'response'],
  },
  int: {
    amqp: ['request_length', 'response_length', 'total_size'],
    conn: ['group_id', 'local_bytes', 'local_pkts', 'remote_bytes', 'remote_pkts'],
    diameter: ['request_length', 'response_length', 'total_size'],
    dns: ['request_length', 'response_length', 'total_size'],
    flow: [
      ...['group_id', 'local_bps', 'local_bytes', 'local_pkts', 'local_pps'],
      ...['remote_bps', 'remote_bytes', 'remote_pkts', 'remote_pps'],
    ],
    icmp: ['length', 'version'],
    kafka: ['api_key', 'request_size', 'response_size', 'size'],
    ldap: ['request_length', 'response_length', 'total_size'],
    mongodb: ['error_code', 'request_size', 'response_size', 'total_size'],
    mysql: ['error_code', 'request_size', 'response_size', 'statement_id', 'total_size'],
    postgresql: ['request_size', 'response_size', 'total_size'],
    radius: ['code', 'request_length', 'response_length', 'total_size'],
    redis: ['request_size', 'response_size', 'total_size'],
    sctp: ['checksum', 'length'],
    tls: ['request_size', 'response_size', 'total_size'],
    udp: ['checksum', 'length'],
    ws: ['request_payload_length', 'response_payload_length'],
  },
  string: {
    amqp: ['method', 'summary'],
    conn: ['state'],
    diameter: ['method', 'summary'],
    flow: ['state'],
    grpc: ['method'],
    icmp: ['type'],
    kafka: ['api_key_name', 'client_id', 'request_summary'],
    ldap: ['summary', 'type'],
    mongodb: ['collection', 'command', 'database', 'error_code_name', 'error_message', 'opcode'],
    mysql: ['command', 'database', 'error_message', 'query'],
    postgresql: ['command', 'database', 'error_code', 'error_message', 'query', 'user'],
    radius: ['code_name', 'request_authenticator'],
    redis: ['command', 'key', 'type'],
    sctp: ['chunk_type'],
    tcp: ['error_message', 'error_type', 'method'],
    tls: ['info', 'summary'],
    ws: ['opcode', 'request_payload_data'],
  },
  'list<string>': {
    conn: ['l7_detected'],
    dns: ['answers', 'question_types', 'questions', 'resolutions'],
    flow: ['l7_detected'],
  },
};

const DEFAULTS: Partial<Record<FieldType, FieldValue>> = {
  bool: false,
  int: 0n,
  string: '',
  'list<string>': [],
};

export const UNSEEN_FIELDS: readonly Field[] = [
  ...FLAGS.map((name) => unseen(name, 'bool', false)),
  // KFL2: -1 on what is no gRPC.
  unseen('grpc_status', 'int', -1n),
  ...Object.entries(TOLD).flatMap(([type, protocols]) =>
    Object.entries(protocols).flatMap(([protocol, names]) =>
      names.map((name) => unseen(`${protocol}_${name}`, type as FieldType, DEFAULTS[type as FieldType]!)),
    ),
  ),
];

/** Words that are false of every flow. */
export const NEVER_TRUE: ReadonlySet<string> = new Set(
  UNSEEN_FIELDS.flatMap(({ name, type }) => (type === 'bool' ? name : [])),
);

function unseen(name: string, type: FieldType, value: FieldValue): Field {
  const meaning = 'Not seen by this version: the default of its type.';
  return { name, type, meaning, example: `!${name}`, read: () => value };
}
