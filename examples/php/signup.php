<?php
// A page that posts to itself and sends the sign-up on, signed. Needs PHP 8 with cURL.
declare(strict_types=1);

const ADDRESS = 'https://relay.example.com/forms/server-newsletter';

/** Send a sign-up; returns the status and the relay's answer. The relay knows a repeat by its values. */
function send_sign_up(array $signUp): array
{
    $body = json_encode($signUp, JSON_THROW_ON_ERROR);
    $now = (string) time();
    $mac = hash_hmac('sha256', "$now:$body", (string) getenv('RELAY_SIGNING_SECRET'));
    $request = curl_init(ADDRESS);
    curl_setopt_array($request, [
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => [
            'Content-Type: application/json',
            "X-Timestamp: $now",
            "X-Signature: $mac",
        ],
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 30,
    ]);
    $answer = curl_exec($request);
    $status = $answer === false ? 0 : curl_getinfo($request, CURLINFO_RESPONSE_CODE);
    return [$status, json_decode((string) $answer, true) ?? []];
}

function text(string $name): string
{
    return is_string($_POST[$name] ?? null) ? $_POST[$name] : '';
}

$message = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $signUp = ['email' => text('email'), 'given_name' => text('given_name'), 'news' => text('news')];
    [$status, $answer] = send_sign_up($signUp);
    $message = match (true) {
        $status === 200 || $status === 202 => 'Thank you. We have received your sign-up.',
        $status === 422 => implode(' ', array_column($answer['errors'] ?? [], 'message')),
        default => 'That did not work. Please try again.',
    };
}
?>
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Newsletter</title></head>
<body>
<main>
<h1>Newsletter</h1>
<p role="status"><?= htmlspecialchars($message) ?></p>
<form method="post">
  <p><label for="email">Email</label>
     <input id="email" name="email" type="email" autocomplete="email" required
      value="<?= htmlspecialchars(text('email')) ?>"></p>
  <p><label for="given_name">First name (optional)</label>
     <input id="given_name" name="given_name" autocomplete="given-name"
      value="<?= htmlspecialchars(text('given_name')) ?>"></p>
  <p><label><input type="checkbox" name="news" value="true" required>
     Send me the monthly newsletter. I can stop at any time.</label></p>
  <p><button>Sign up</button></p>
</form>
</main>
</body>
</html>
