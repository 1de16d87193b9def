// A call to a station, and what came of it.

import { z } from 'zod';
import { onlyFields } from './common.js';

export const CALL_TIMEOUT_S_DEFAULT = 60;
const CALL_TIMEOUT_S_MAX = 300;

export const callBodySchema = onlyFields({
  action: z
    .string()
    .min(1)
    .max(64)
    .describe('An OCPP action that the CSMS may send, in the station’s version'),
  payload: z
    .record(z.string(), z.unknown())
    .describe('The payload of the CALL, as the OCPP schema of that version has it'),
  timeoutS: z
    .number()
    .positive()
    .max(CALL_TIMEOUT_S_MAX)
    .default(CALL_TIMEOUT_S_DEFAULT)
    .describe('How long to wait for the answer, seconds'),
}).meta({
  examples: [{ action: 'TriggerMessage', payload: { requestedMessage: 'MeterValues', connectorId: 1 } }],
});

export const callAnswerSchema = z
  .union([
    z.object({
      call: z.string().describe('Names the call in the event log'),
      result: z.record(z.string(), z.unknown()).describe('The payload of the CALLRESULT'),
    }),
    z.object({
      call: z.string(),
      error: z.object({ code: z.string(), description: z.string() }).describe('The CALLERROR'),
    }),
  ])
  .describe('What the station answered');
