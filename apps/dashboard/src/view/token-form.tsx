import { useState } from 'preact/hooks';

/** Asks for a token where the gateway wants one. */
export function TokenForm({ use }: { readonly use: (token: string) => void }) {
  const [token, setToken] = useState('');
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== '') use(token.trim());
      }}
    >
      <label for="token">This gateway wants a token. It is kept in this tab only.</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        value={token}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      <button type="submit">Sign in</button>
    </form>
  );
}
