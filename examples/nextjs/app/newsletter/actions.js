"use server";

import { createHmac } from "node:crypto";

const ADDRESS = `${process.env.RELAY_URL ?? "https://relay.example.com"}/forms/server-newsletter`;

/** A server action for `useActionState`: sends the sign-up and returns what the form shows. */
export async function signUp(previous, data) {
  // The relay knows a repeat by its values, so a second press of the button is no second sign-up.
  const values = { email: data.get("email"), given_name: data.get("given_name"), news: data.get("news") };
  const failed = { ok: false, message: "That did not work. Please try again.", errors: {}, values };
  const body = JSON.stringify(values);
  try {
    const answer = await fetch(ADDRESS, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...signature(body) },
      body,
      cache: "no-store",
    });
    if (answer.ok) return { ...failed, ok: true, message: "Thank you. We have received your sign-up." };
    if (answer.status !== 422) return failed;
    const problem = await answer.json();
    const errors = Object.fromEntries(problem.errors.map(({ field, message }) => [field, message]));
    return { ...failed, message: "Please check what you have entered.", errors };
  } catch {
    return failed;
  }
}

/** As `[signature]` of the form file says. */
function signature(body) {
  const now = Math.floor(Date.now() / 1000);
  const mac = createHmac("sha256", process.env.RELAY_SIGNING_SECRET).update(`${now}:${body}`).digest("hex");
  return { "X-Timestamp": String(now), "X-Signature": mac };
}
