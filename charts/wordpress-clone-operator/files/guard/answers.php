<?php
/**
 * Answers what needs no WordPress and no database: health, closed scripts, robots.txt, visit link, gate.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

const HEALTH_PATH = '/.wpclone/health';
const ROBOTS_TEXT = "User-agent: *\nDisallow: /\n";

/**
 * Answer and end the request, or return if WordPress has to answer it.
 */
function answer_without_wordpress( State $state, Request $request ): void {
	if ( HEALTH_PATH === $request->path ) {
		answer_health( $state );
	}
	$closed = closed_script( $state, $request->script );
	if ( null !== $closed ) {
		answer_text( 403, $closed );
	}
	if ( '/robots.txt' === $request->path && $state->blocks( 'indexing' ) ) {
		answer_text( 200, ROBOTS_TEXT );
	}
	$fits = visit_key_fits( $state, $request );
	if ( true === $fits && 'Link' === $state->access ) {
		answer_visit( $state, $request );
	}
	if ( str_starts_with( $request->path, '/.wpclone/' ) ) {
		answer_text( 404, 'There is nothing at this address.' );
	}
	$admitted = null !== admission( $state, $request->cookies );
	if ( null !== $fits && $admitted ) {
		answer_without_key( $state, $request );
	}
	// The web server sends to the endpoint whom it must not let into the document root.
	$stranger = ! $admitted || realpath( __DIR__ . '/endpoint.php' ) === $request->script;
	if ( $stranger && ! open_to_strangers( $request ) ) {
		answer_gate( $state, $request, false === $fits );
	}
}

/**
 * Why a script is closed in every clone, or null if it is not.
 */
function closed_script( State $state, string $script ): ?string {
	return match ( true ) {
		'/wp-admin/install.php' === $script,
		'/wp-admin/setup-config.php' === $script => 'A clone is never installed anew: this page is closed.',
		'/wp-mail.php' === $script => 'A clone fetches no mail: this page is closed.',
		'/wp-cron.php' === $script && $state->blocks( 'cron' ) => 'Scheduled tasks are off in this clone.',
		default => null,
	};
}

/**
 * The marks every response carries. Under our own image the web server sets the same ones for files too.
 */
function send_marks( State $state ): void {
	header( 'X-WPClone-UID: ' . $state->uid );
	if ( $state->blocks( 'indexing' ) ) {
		header( 'X-Robots-Tag: noindex, nofollow' );
	}
}

/**
 * Tell the kubelet and the operator who we are and that PHP works.
 */
function answer_health( State $state ): never {
	$mails = is_dir( $state->directory . '/mail' ) ? scandir( $state->directory . '/mail' ) : array();
	header( 'Content-Type: application/json' );
	header( 'Cache-Control: no-store' );
	echo json_encode(
		array(
			'uid'   => $state->uid,
			'guard' => VERSION,
			'mails' => count( array_filter( $mails ?: array(), static fn( string $file ): bool => str_ends_with( $file, '.json' ) ) ),
		)
	), "\n";
	exit;
}

function answer_text( int $status, string $text ): never {
	http_response_code( $status );
	header( 'Content-Type: text/plain; charset=utf-8' );
	header( 'X-Content-Type-Options: nosniff' );
	header( 'Cache-Control: no-store' );
	echo rtrim( $text ), "\n";
	exit;
}

/**
 * The visit link: leave a cookie instead of the key.
 */
function answer_visit( State $state, Request $request ): never {
	give_cookie( LINK_COOKIE, gate_token( $state, 'link' ), time() + LINK_LASTS );
	answer_without_key( $state, $request );
}

/**
 * Lead to the address without the key: whoever is in already, or comes to a public clone by its visit link, needs none.
 */
function answer_without_key( State $state, Request $request ): never {
	header( 'Cache-Control: no-store' );
	header( 'Referrer-Policy: no-referrer' );
	header( 'Location: ' . $state->origin() . $request->without( KEY_PARAMETER ), true, 302 );
	exit;
}

/**
 * Stop a stranger, in the form the caller understands.
 */
function answer_gate( State $state, Request $request, bool $wrong_key = false ): never {
	http_response_code( 401 );
	header( 'Cache-Control: no-store' );
	header( 'X-Content-Type-Options: nosniff' );
	if ( $request->is_programmatic() ) {
		header( 'Content-Type: application/json; charset=utf-8' );
		echo json_encode(
			array(
				'code'    => 'wpclone_gate',
				'message' => 'This is a private copy of a site. Log in, or use the link you were given.',
				'data'    => array( 'status' => 401 ),
			)
		), "\n";
		exit;
	}
	header( 'Content-Type: text/html; charset=utf-8' );
	header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'" );
	header( 'Referrer-Policy: no-referrer' );
	require_once __DIR__ . '/gate-page.php';
	echo gate_page( $state, $request, $wrong_key );
	exit;
}
