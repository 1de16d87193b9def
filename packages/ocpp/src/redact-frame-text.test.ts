import { describe, expect, it } from 'vitest';
import type { Frame } from './contract.js';
import { parseFrame } from './frame.js';
import { redactCall, redactFrameText } from './redact.js';

const pseudonym = (): string => 'pseudonym';
const parsed = (text: string): Frame => {
  const frame = parseFrame(text);
  if (!frame.ok) throw new Error(frame.error.reason);
  return frame.value;
};

describe('redactFrameText', () => {
  it.each([
    ['an id tag', '[2,"1","Authorize",{"idTag":"SECRET"}]'],
    ['an escaped member', '[2,"1","Authorize",{"\\u0069dTag":"SECRET"}]'],
    ['a token', '[2,"1","Authorize",{"idToken":{"idToken":"SECRET","type":"ISO14443"}}]'],
    ['a key', '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"SECRET"}]'],
    ['a key in another case', '[2,"1","ChangeConfiguration",{"key":"authorizationKEY","value":"SECRET"}]'],
    ['an escaped key', '[2,"1","ChangeConfiguration",{"key":"Authorization\\u004bey","value":"SECRET"}]'],
    [
      'a variable',
      '[2,"1","SetVariables",{"variable":{"name":"BasicAuthPassword"},"attributeValue":"SECRET"}]',
    ],
    ['an address', '[2,"1","GetDiagnostics",{"location":"ftp://user:SECRET@host/x"}]'],
    ['a person', '[2,"1","NotifyCustomerInformation",{"data":"SECRET"}]'],
  ])('hides %s as redactCall does', (_name, text) => {
    const frame = parsed(text);
    expect(redactFrameText(text, frame, pseudonym)).toBe(redactCall(frame, pseudonym));
    expect(redactFrameText(text, frame, pseudonym)).not.toContain('SECRET');
  });

  it('leaves a text with nothing to hide as the station wrote it', () => {
    const text = '[2, "1", "MeterValues", {"connectorId": 1, "meterValue": []}]';
    expect(redactFrameText(text, parsed(text), pseudonym)).toBe(text);
  });
});
