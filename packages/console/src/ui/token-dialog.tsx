// Asks for the API token when the engine wants one. It is kept for this tab alone.

import { useEffect, useRef, useState } from 'preact/hooks';

interface TokenDialogProps {
  /** What the engine said when it refused. */
  readonly refusal: string;
  readonly onToken: (token: string) => void;
}

export function TokenDialog({ refusal, onToken }: TokenDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="token"
      aria-labelledby="token-title"
      onCancel={(event) => event.preventDefault()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') onToken(token.trim());
        }}
      >
        <h2 id="token-title">This engine asks for a token</h2>
        <p class="quiet-words">{refusal}</p>
        <label>
          API token
          <input
            type="password"
            autocomplete="off"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <p class="quiet-words">It is kept in this tab until the tab is closed.</p>
        <button type="submit" class="strong" disabled={token.trim() === ''}>
          Continue
        </button>
      </form>
    </dialog>
  );
}
