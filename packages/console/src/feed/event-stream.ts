// Server-sent events, read from a fetch body: EventSource cannot carry a bearer token.
// The format is that of the HTML standard, section 9.2.6, without `id` and `retry`.

export interface StreamMessage {
  readonly event: string;
  readonly data: string;
}

/** No message of a server that we trust comes near this. */
const MESSAGE_CHARS_MAX = 64 * 1024 * 1024;

/** Feed it text as it comes; it returns the messages that became complete. Throws past the bound. */
export function createStreamParser(): (text: string) => readonly StreamMessage[] {
  let rest = '';
  let event = '';
  let data: string[] = [];
  let held = 0;

  const takeLine = (line: string): StreamMessage | undefined => {
    if (line === '') {
      const message = data.length > 0 ? { event: event || 'message', data: data.join('\n') } : undefined;
      event = '';
      data = [];
      held = 0;
      return message;
    }
    const [field, value] = splitField(line);
    if (field === 'event') event = value;
    if (field === 'data') {
      data.push(value);
      held += value.length;
    }
    return undefined;
  };

  return (text) => {
    if (rest.length + held + text.length > MESSAGE_CHARS_MAX)
      throw new Error('The live stream sent a message without end.');
    // A carriage return at the end may be half of a line end: it waits for the next text.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    return lines.flatMap((line) => takeLine(line) ?? []);
  };
}

function splitField(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}
