import type { WithheldReason } from '../../../flow/flow.ts';

/** Why a body is not shown, and what can be done about it. */
export const WITHHELD_WORDS: Record<WithheldReason, { why: string; help: string }> = {
  binary: {
    why: 'It is binary, of a kind that cannot be searched for secrets.',
    help: 'What cannot be redacted does not leave the node. Size and type are kept.',
  },
  undecodable: {
    why: 'Its content coding could not be undone: the compressed data is damaged.',
    help: 'If bytes were lost (see the marks above), the capture is the cause; otherwise the sender is.',
  },
  malformed: {
    why: 'It is not well-formed, so that its fields could not be told apart and redacted.',
    help: 'Look at what the sender makes of it: the media type it announces does not fit its content.',
  },
  'ratio-limit': {
    why: 'It unpacks to far more than was sent, as a decompression bomb does.',
    help: 'It was not unpacked any further. The size on the wire is true.',
  },
  encrypted: {
    why: 'It is encrypted.',
    help: 'Look at the same exchange where it is in the clear: on the other side of the proxy that encrypts it.',
  },
  gap: {
    why: 'Bytes inside it were never captured, and the rest cannot be read without them.',
    help: 'The health page says where packets are lost; a larger --buffer-size often mends it.',
  },
  'unsupported-encoding': {
    why: 'Its content coding is not one that can be undone here.',
    help: 'gzip, deflate and br always can be; zstd depends on the release of Node.js.',
  },
  policy: {
    why: 'The redaction policy keeps bodies like this one back.',
    help: 'Whoever runs Remora here chose so. Headers, sizes and times are all there.',
  },
};
