// Whether the process of this container lives: asks its /livez. A container has one process, so
// without AMPLEDGER_ADMIN_PORT whichever of the known ports answers is it.

const KNOWN_PORTS = [9401, 9402, 9403, 9404, 9405, 8220];
const WITHIN_MS = 4_000;

const ports = process.env.AMPLEDGER_ADMIN_PORT ? [process.env.AMPLEDGER_ADMIN_PORT] : KNOWN_PORTS;
const ask = async (port) => {
  const response = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!response.ok) throw new Error(`port ${port} answered ${response.status}: ${await response.text()}`);
};

try {
  await Promise.any(ports.map(ask));
} catch (error) {
  const causes = error instanceof AggregateError ? error.errors : [error];
  process.stderr.write(`${causes.map((cause) => cause.message).join('\n')}\n`);
  process.exitCode = 1;
}
