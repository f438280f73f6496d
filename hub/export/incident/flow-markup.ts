import type { Body, Endpoint, Flow, FlowMessage } from '../../../flow/flow.ts';
import { INCIDENT_LIMITS } from './limits.ts';
import { html, type Markup } from './markup.ts';

/** A flow as a line that opens. */
export function flowMarkup(flow: Flow): Markup {
  const { request, response, elapsedMs, completeness } = flow;
  const status = response?.status ?? 0;
  const marks = completeness.filter((one) => one !== 'complete');
  return html`<details class="flow" id="flow-${flow.id}"><summary>
<time>${flow.time.slice(11, 23)}</time><b class="s${String(Math.floor(status / 100))}">${status === 0 ? 'no answer' : status}</b>
<span class="what"><b>${request?.method ?? '?'}</b> ${request?.target ?? '(the request was not seen)'}</span>
<span class="who">${name(flow.src)} → ${name(flow.dst)}</span>
<span class="ms">${elapsedMs === undefined ? '' : `${Number(elapsedMs.toPrecision(3))} ms`}</span></summary>
<div class="inside">${pairs([
    ['id', flow.id],
    ['time', flow.time],
    ['from', place(flow.src)],
    ['to', place(flow.dst)],
    ['seen on', flow.node],
    ['connection', flow.connection],
    ...(marks.length === 0 ? [] : [['not whole', marks.join(', ')] as const]),
    ...(flow.problem === undefined ? [] : [['not valid', flow.problem] as const]),
    ...(flow.redacted === 0 ? [] : [['redacted values', String(flow.redacted)] as const]),
  ])}
${request === undefined ? undefined : message('Request', `${request.method} ${request.url}`, request)}
${response === undefined ? undefined : message('Answer', `${response.status} ${response.reason}`, response)}
</div></details>
`;
}

function name({ name, namespace }: Endpoint): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function place(end: Endpoint): string {
  return [
    `${end.ip} port ${end.port}`,
    end.pod && `pod ${end.pod}`,
    end.service && `service ${end.service}`,
    end.node,
  ]
    .filter((part) => part)
    .join(', ');
}

function message(
  title: string,
  line: string,
  { headers, trailers = [], bodySize, body }: FlowMessage,
): Markup {
  return html`<h3>${title}</h3><p class="line">${line}</p>${pairs(headers)}${pairs(trailers)}
<h4>Body, ${bodySize} bytes${body === undefined ? '' : `, ${body.mime}`}</h4>${body === undefined ? undefined : content(body)}`;
}

function content({ text, base64, withheld, truncated }: Body): Markup {
  const whole = text ?? base64 ?? '';
  const shown = whole.slice(0, INCIDENT_LIMITS.body);
  const notes = [
    withheld === undefined ? '' : `Withheld: ${withheld}.`,
    base64 === undefined ? '' : 'As base64.',
    shown.length < whole.length ? `The first ${shown.length} characters of ${whole.length}.` : '',
    truncated === undefined ? '' : `${truncated} bytes were not kept.`,
  ].filter((note) => note !== '');
  return html`${notes.length === 0 ? undefined : html`<p class="aside">${notes.join(' ')}</p>`}${
    shown === '' ? undefined : html`<pre tabindex="0">${shown}</pre>`
  }`;
}

function pairs(rows: readonly (readonly [string, string])[]): Markup | undefined {
  if (rows.length === 0) return undefined;
  return html`<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}
