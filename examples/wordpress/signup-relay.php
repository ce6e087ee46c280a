<?php
/**
 * Plugin Name: Signup Relay
 * Description: The shortcode [signup_relay form="newsletter"] shows a sign-up form that posts to the relay.
 * Version: 1.0
 * Requires PHP: 7.4
 * License: Apache-2.0
 */

if (!defined('ABSPATH')) {
    exit;
}

const SIGNUP_RELAY_URL = 'https://relay.example.com';

add_shortcode('signup_relay', function ($attributes): string {
    $form = shortcode_atts(['form' => 'newsletter'], $attributes)['form'];
    wp_enqueue_script('signup-relay', SIGNUP_RELAY_URL . '/signup-relay.js', [], null, true);
    $action = esc_url(SIGNUP_RELAY_URL . '/forms/' . rawurlencode($form));
    ob_start();
    ?>
<form data-signup-relay method="post" action="<?php echo $action; ?>">
  <p><label for="email">Email</label>
     <input id="email" name="email" type="email" autocomplete="email" required></p>
  <p><label for="given_name">First name (optional)</label>
     <input id="given_name" name="given_name" autocomplete="given-name"></p>
  <p><label><input type="checkbox" name="news" value="true" required>
     Send me the monthly newsletter. I can stop at any time.</label></p>
  <p hidden><label>Leave this empty <input name="website" tabindex="-1" autocomplete="off"></label></p>
  <p><button>Sign up</button></p>
</form>
    <?php
    return ob_get_clean();
});
