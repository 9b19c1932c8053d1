import { installStep, runTool, toolFolder } from './tool.ts';

/** A span as OpenTelemetry's own definitions of OTLP read it. */
export interface ReadSpan {
  /** `service.name` and `service.instance.id` of its process. */
  readonly service: string;
  readonly node: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** `SPAN_KIND_SERVER`. */
  readonly kind: string;
  /** `STATUS_CODE_ERROR`. */
  readonly status: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** Reads the bodies of OTLP requests. */
export type ReadSpans = (bodies: readonly Buffer[]) => Promise<ReadSpan[]>;

const WHO = 'install Python 3.10 or newer with pip';
const VERSION = '1.45.2';

const SCRIPT = `
import base64, json, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

def values(attributes):
    return {a.key: str(getattr(a.value, a.value.WhichOneof('value'))) for a in attributes}

spans = []
for line in sys.stdin:
    request = ExportTraceServiceRequest()
    request.ParseFromString(base64.b64decode(line))
    for resource in request.resource_spans:
        of = values(resource.resource.attributes)
        for scope in resource.scope_spans:
            for s in scope.spans:
                spans.append({
                    'service': of['service.name'], 'node': of['service.instance.id'],
                    'traceId': s.trace_id.hex(), 'spanId': s.span_id.hex(), 'parentSpanId': s.parent_span_id.hex(),
                    'name': s.name, 'kind': Span.SpanKind.Name(s.kind), 'status': Status.StatusCode.Name(s.status.code),
                    'startMs': s.start_time_unix_nano / 1e6, 'endMs': s.end_time_unix_nano / 1e6,
                    'attributes': values(s.attributes),
                    'links': [{'traceId': l.trace_id.hex(), 'spanId': l.span_id.hex()} for l in s.links],
                })
json.dump(spans, sys.stdout)
`;

/** Brings OpenTelemetry's protobuf definitions for Python into a folder of their own. */
export async function installOtlpReader(): Promise<ReadSpans> {
  const folder = await toolFolder(`opentelemetry-proto-${VERSION}`, async (half) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    const what = `opentelemetry-proto==${VERSION}`;
    await installStep(WHO, 'python3', ['-m', 'pip', 'install', ...quiet, '--target', half, what]);
  });
  return async (bodies) => {
    const input = bodies.map((body) => `${body.toString('base64')}\n`).join('');
    const { code, stdout, stderr } = await runTool('python3', ['-c', SCRIPT], { env: { PYTHONPATH: folder }, input });
    if (code !== 0) throw new Error(`These are no OTLP requests: ${stderr}`);
    return JSON.parse(stdout) as ReadSpan[];
  };
}
