"use client";

import { useActionState } from "react";
import { signUp } from "./actions";

export default function Page() {
  const [state, send, isSending] = useActionState(signUp, { ok: false, message: "", errors: {}, values: {} });
  if (state.ok) return <p role="status">{state.message}</p>;
  return (
    <form action={send}>
      <p>
        <label htmlFor="email">Email</label>
        <input
          id="email"
          name="email"
          type="email"
          autoComplete="email"
          required
          defaultValue={state.values.email}
          aria-describedby="email-error"
        />
        <span id="email-error">{state.errors.email}</span>
      </p>
      <p>
        <label htmlFor="given_name">First name (optional)</label>
        <input id="given_name" name="given_name" autoComplete="given-name" defaultValue={state.values.given_name} />
      </p>
      <p>
        <label>
          <input type="checkbox" name="news" value="true" required />
          Send me the monthly newsletter. I can stop at any time.
        </label>
      </p>
      <p role="status">{state.message}</p>
      <button disabled={isSending}>Sign up</button>
    </form>
  );
}
