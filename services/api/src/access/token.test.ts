import { describe, expect, it } from 'vitest';
import { hashToken, newToken, parseTokenFile } from './token.js';

const HASH = `sha256$${'ab'.repeat(32)}`;

describe('the token file', () => {
  it('knows a new token', () => {
    const made = newToken('grid-operator', 'utility', (bytes) => Buffer.alloc(bytes, 7));
    if (!made.ok) throw new Error(made.error);
    expect(made.value.token).toMatch(/^amp_[A-Za-z0-9_-]{43}$/);
    expect(made.value.line).not.toContain(made.value.token);
    const parsed = parseTokenFile(`# tokens\n\n${made.value.line}\n`);
    expect(parsed).toEqual({
      ok: true,
      value: [{ name: 'grid-operator', role: 'utility', hash: hashToken(made.value.token) }],
    });
  });

  it('makes a different token each time', () => {
    const tokens = Array.from({ length: 5 }, () => newToken('a', 'analyst')).map(
      (made) => made.ok && made.value.token,
    );
    expect(new Set(tokens).size).toBe(5);
  });

  it.each([
    ['', 'operator', 'a name'],
    ['a:b', 'operator', 'a name'],
    ['a', 'admin', 'a role'],
  ])('refuses the name %s with the role %s', (name, role, message) => {
    expect(newToken(name, role as never)).toEqual({ ok: false, error: expect.stringContaining(message) });
  });

  it.each([
    ['two fields', 'a:operator', 'expected name:role'],
    ['four fields', `a:operator:${HASH}:x`, 'expected name:role'],
    ['a role that is none', `a:root:${HASH}`, 'role'],
    ['a token in place of its hash', 'a:operator:amp_xyz', 'hash'],
    ['a short hash', 'a:operator:sha256$abcd', 'hash'],
    ['a name with a space', `a b:operator:${HASH}`, 'name'],
    ['a name twice', `a:operator:${HASH}\na:analyst:${HASH}`, 'twice'],
  ])('refuses %s', (_what, text, message) => {
    const parsed = parseTokenFile(`# first\n${text}`);
    expect(parsed).toEqual({
      ok: false,
      error: [{ line: text.includes('\n') ? 3 : 2, message: expect.stringContaining(message) }],
    });
  });
});
