/**
 * Names of attributes: OpenTelemetry's conventions where they have one (https://opentelemetry.io/docs/specs/semconv/),
 * and ours. No value of any is personal data: no user ids, and so no paths, which hold them, and no partition keys.
 */
export const Attribute = {
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatus: 'http.response.status_code',
  errorType: 'error.type',
  rpcSystem: 'rpc.system',
  rpcService: 'rpc.service',
  rpcMethod: 'rpc.method',
  messagingSystem: 'messaging.system',
  messagingDestination: 'messaging.destination.name',
  messagingPartition: 'messaging.destination.partition.id',
  messagingOffset: 'messaging.kafka.offset',
  messagingGroup: 'messaging.consumer.group.name',
  messagingOperation: 'messaging.operation.type',
  messagingBatchSize: 'messaging.batch.message_count',
  messagingId: 'messaging.message.id',
  dbSystem: 'db.system.name',
  requestId: 'app.request.id',
  batchSize: 'app.batch.size',
  aggregateType: 'app.aggregate.type',
  aggregateId: 'app.aggregate.id',
  eventType: 'app.event.type',
  outboxWaitMs: 'app.outbox.wait_ms',
  /** `settled`, `duplicate`, or why it is a dead letter. */
  outcome: 'app.outcome',
} as const;
