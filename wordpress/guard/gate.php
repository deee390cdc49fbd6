<?php
/**
 * Decides who may look at the clone. Pure, apart from setting the cookies it decided on.
 *
 * Two cookies open the gate: one given by the visit link, one given when WordPress itself has logged
 * somebody in. A bare `wordpress_logged_in_…` cookie opens nothing, since nobody has verified it yet.
 * The web server compares the same two values for files that PHP never sees (image/apache2.conf).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

const KEY_PARAMETER = 'wpclone-key';
const LINK_COOKIE   = '__Host-wpclone';
const LOGIN_COOKIE  = '__Host-wpclone-login';
const LINK_LASTS    = 30 * 86400;

/**
 * The value of a gate cookie; empty, which opens nothing, while there is no gate key.
 */
function gate_token( State $state, string $purpose ): string {
	return '' === $state->gate_key ? '' : hash_hmac( 'sha256', "wpclone-$purpose:{$state->uid}", $state->gate_key );
}

/**
 * How this visitor got in: "public", "login", "link", or null for a stranger.
 *
 * @param array<string, mixed> $cookies Cookies of the request.
 */
function admission( State $state, array $cookies ): ?string {
	if ( 'Public' === $state->access ) {
		return 'public';
	}
	$carries = static function ( string $cookie, string $purpose ) use ( $state, $cookies ): bool {
		$token = gate_token( $state, $purpose );
		$given = $cookies[ $cookie ] ?? null;
		return '' !== $token && is_string( $given ) && hash_equals( $token, $given );
	};
	if ( $carries( LOGIN_COOKIE, 'login' ) ) {
		return 'login';
	}
	return 'Link' === $state->access && $carries( LINK_COOKIE, 'link' ) ? 'link' : null;
}

/**
 * Whether a stranger may run this script: the login form, or nobody could ever log in, and the two
 * scripts that put together WordPress' own style sheets for it.
 */
function open_to_strangers( Request $request ): bool {
	return in_array(
		$request->script,
		array( '/wp-login.php', '/wp-admin/load-styles.php', '/wp-admin/load-scripts.php' ),
		true
	);
}

/**
 * Whether the request carries the right key of the visit link; null if it carries none.
 */
function visit_key_fits( State $state, Request $request ): ?bool {
	$given = $request->parameter( KEY_PARAMETER );
	if ( null === $given ) {
		return null;
	}
	return '' !== $state->gate_key && hash_equals( $state->gate_key, $given );
}

/**
 * Give one of the gate's cookies; an expiry of 0 lasts until the browser closes, a past one takes it away.
 */
function give_cookie( string $name, string $value, int $expires ): void {
	setcookie(
		$name,
		$value,
		array(
			'expires'  => $expires,
			'path'     => '/',
			'secure'   => true,
			'httponly' => true,
			'samesite' => 'Lax',
		)
	);
}

/**
 * WordPress has verified a login: this browser may pass the gate as long as the login lasts.
 */
function admit_logged_in( string $cookie, int $expire ): void {
	give_cookie( LOGIN_COOKIE, gate_token( state(), 'login' ), $expire );
}

/**
 * WordPress has logged somebody out.
 */
function dismiss_logged_out(): void {
	give_cookie( LOGIN_COOKIE, '', 1 );
}

/**
 * In mode Login the cookie alone does not do: WordPress has to know the user in this very request.
 */
function require_login(): void {
	$request = Request::current();
	if ( defined( 'WPCLONE_COPY' ) ) {
		return; // A signature has let it in.
	}
	if ( ! is_user_logged_in() && ! open_to_strangers( $request ) ) {
		answer_gate( state(), $request );
	}
}
