<?php
/**
 * Enters every web request of a clone before any code of the site (auto_prepend_file).
 *
 * What can be answered without WordPress is answered here: health, closed scripts, robots.txt, the
 * visit link and the gate. Everybody else goes on to WordPress, with the guard's hooks in place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

// A PHP_INI_SCAN_DIR installation reaches the command line as well: nothing to guard there.
if ( 'cli' === PHP_SAPI ) {
	return;
}

require_once __DIR__ . '/state.php';
require_once __DIR__ . '/request.php';
require_once __DIR__ . '/gate.php';
require_once __DIR__ . '/answers.php';
require_once __DIR__ . '/copy.php';

( static function (): void {
	$state   = state();
	$request = Request::current();

	// The address decides about HTTPS, not a header: TLS ends in front of us and a header can be forged (P1).
	if ( $state->secure() ) {
		$_SERVER['HTTPS']       = 'on';
		$_SERVER['SERVER_PORT'] = '443';
	}
	send_marks( $state );
	$copy = copy_wish( $request );
	if ( null !== $copy ) {
		define( 'WPCLONE_COPY', $copy );
	} else {
		answer_without_wordpress( $state, $request );
	}

	require_once __DIR__ . '/hooks.php';
	register_hooks( $state );
} )();

if ( defined( 'WPCLONE_COPY' ) ) {
	require __DIR__ . '/copy-site.php';
}
