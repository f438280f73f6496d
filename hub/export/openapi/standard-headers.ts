/** Header fields that are of HTTP, of the connection, of proxies and of tracing, and not of an API. Lower case. */
const STANDARD = new Set(
  (
    'accept accept-charset accept-encoding accept-language access-control-request-headers ' +
    'access-control-request-method authorization cache-control connection content-disposition content-encoding ' +
    'content-language content-length content-md5 content-type cookie date dnt expect forwarded from host http2-settings ' +
    'if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive max-forwards origin pragma ' +
    'priority proxy-authorization proxy-connection range referer save-data te trailer transfer-encoding upgrade ' +
    'upgrade-insecure-requests user-agent via warning x-forwarded-for x-forwarded-host x-forwarded-port ' +
    'x-forwarded-proto x-real-ip x-requested-with traceparent tracestate baggage b3 x-request-id x-cloud-trace-context ' +
    'x-amzn-trace-id x-ot-span-context grpc-trace-bin'
  ).split(' '),
);
const FAMILIES = /^(sec-|x-b3-|x-envoy-|uber-trace-|x-datadog-|l5d-)/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Whether a field of this name (lower case) tells something of the API that it is sent to. */
export function isOwnHeader(name: string): boolean {
  return TOKEN.test(name) && !STANDARD.has(name) && !FAMILIES.test(name);
}
