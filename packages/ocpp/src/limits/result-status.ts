// How a station's answer says yes or no.

const STATUS_LENGTH_MAX = 64;

const statusIn = (value: unknown, member: string): string | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const status = (value as Record<string, unknown>)[member];
  return typeof status === 'string' ? status.slice(0, STATUS_LENGTH_MAX) : null;
};

/**
 * The `status` of a CALLRESULT. SetVariables has one for each variable: the first that is not
 * `Accepted` speaks for all. Null when the answer has none.
 */
export function resultStatus(payload: unknown): string | null {
  const own = statusIn(payload, 'status');
  if (own !== null || typeof payload !== 'object' || payload === null) return own;
  const results = (payload as Record<string, unknown>).setVariableResult;
  if (!Array.isArray(results)) return null;
  const statuses = results.slice(0, 256).map((result) => statusIn(result, 'attributeStatus'));
  return statuses.find((status) => status !== null && status !== 'Accepted') ?? statuses[0] ?? null;
}
