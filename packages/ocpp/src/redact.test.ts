import { expect, it } from 'vitest';
import type { Frame } from './contract.js';
import { REDACTED, redactCall } from './redact.js';

const call = (action: string, payload: unknown): Frame => ({ kind: 'call', id: '1', action, payload });
const result = (payload: unknown): Frame => ({ kind: 'result', id: '1', payload });

it.each<[string, Frame, unknown]>([
  ['idTag', call('Authorize', { idTag: 'T' }), { idTag: '#T' }],
  [
    'idToken and its relatives',
    call('Authorize', {
      idToken: { idToken: 'T', type: 'Central', additionalInfo: [{ additionalIdToken: 'U', type: 'x' }] },
    }),
    { idToken: { idToken: '#T', type: 'Central', additionalInfo: [{ additionalIdToken: '#U', type: 'x' }] } },
  ],
  [
    'the empty token',
    call('Authorize', { idToken: { idToken: '', type: 'NoAuthorization' } }),
    { idToken: { idToken: '', type: 'NoAuthorization' } },
  ],
  [
    'answers',
    result({ idTagInfo: { status: 'Accepted', parentIdTag: 'P' } }),
    { idTagInfo: { status: 'Accepted', parentIdTag: '#P' } },
  ],
  [
    'AuthorizationKey',
    call('ChangeConfiguration', { key: 'authorizationKey', value: 'deadbeef' }),
    { key: 'authorizationKey', value: REDACTED },
  ],
  [
    'other keys',
    call('ChangeConfiguration', { key: 'HeartbeatInterval', value: '60' }),
    { key: 'HeartbeatInterval', value: '60' },
  ],
  [
    'AuthorizationKey in an answer',
    result({
      configurationKey: [
        { key: 'AuthorizationKey', readonly: false, value: 'x' },
        { key: 'A', readonly: true, value: 'y' },
      ],
    }),
    {
      configurationKey: [
        { key: 'AuthorizationKey', readonly: false, value: REDACTED },
        { key: 'A', readonly: true, value: 'y' },
      ],
    },
  ],
  [
    'BasicAuthPassword',
    call('SetVariables', {
      setVariableData: [
        {
          attributeValue: 'pw',
          component: { name: 'SecurityCtrlr' },
          variable: { name: 'BasicAuthPassword' },
        },
      ],
    }),
    {
      setVariableData: [
        {
          attributeValue: REDACTED,
          component: { name: 'SecurityCtrlr' },
          variable: { name: 'BasicAuthPassword' },
        },
      ],
    },
  ],
  [
    'BasicAuthPassword in a report',
    call('NotifyReport', {
      reportData: [{ variable: { name: 'BasicAuthPassword' }, variableAttribute: [{ value: 'pw' }] }],
    }),
    { reportData: [{ variable: { name: 'BasicAuthPassword' }, variableAttribute: [{ value: REDACTED }] }] },
  ],
  [
    'network secrets',
    call('SetNetworkProfile', {
      connectionData: { apn: { apnPassword: 'p' }, vpn: { user: 'u', password: 'p', key: 'k' } },
    }),
    {
      connectionData: {
        apn: { apnPassword: REDACTED },
        vpn: { user: 'u', password: REDACTED, key: REDACTED },
      },
    },
  ],
  [
    'user and password in an address',
    call('GetDiagnostics', { location: 'ftp://user:pw@host/path' }),
    { location: `ftp://${REDACTED}@host/path` },
  ],
  [
    'personal data',
    call('NotifyCustomerInformation', { data: 'Jane', seqNo: 0 }),
    { data: REDACTED, seqNo: 0 },
  ],
])('%s', (_, frame, expected) => {
  const redacted = JSON.parse(redactCall(frame, (token) => `#${token}`)) as unknown[];
  expect(redacted.at(-1)).toEqual(expected);
});
