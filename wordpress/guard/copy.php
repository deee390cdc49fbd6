<?php
/**
 * Knows the import of another clone that copies this one, by its signature alone. Pure.
 *
 * Its key is made of this clone's secret and the other's UID by the operator, who gives it to nobody else:
 * whoever holds it may read this site's rows and files, and nothing more. Everybody else is told, as at any
 * address of the guard, that there is nothing here. The envelope is the agent's (agent/includes).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

const COPY_PATH   = '/.wpclone/copy/wp-json/wpclone-agent/v1/';
const COPY_SPACE  = '/wpclone-agent/v1/';
const COPY_ROUTES = array( 'manifest', 'tables', 'rows', 'value', 'files', 'fetch' );
const COPY_CLOCK  = 300;
const COPY_MOST   = 4194304;

/**
 * The key with which the import of a clone signs; empty, which opens nothing, while there is no secret.
 */
function copy_key( string $secret, string $uid ): string {
	return '' === $secret ? '' : hash_hmac( 'sha256', "wpclone-copy:$uid", $secret );
}

/**
 * The route that a signed request asks for, "late" if its clock is not ours, or null if it is not signed.
 */
function copy_route( Request $request, string $body, string $secret, int $now ): ?string {
	if ( 'POST' !== $request->method || ! str_starts_with( $request->path, COPY_PATH ) || COPY_MOST < strlen( $body ) ) {
		return null;
	}
	$route    = substr( $request->path, strlen( COPY_PATH ) );
	$envelope = json_decode( $body, true, 8 );
	$auth     = is_array( $envelope ) ? $envelope['auth'] ?? null : null;
	$args     = is_array( $envelope ) ? $envelope['args'] ?? null : null;
	if ( ! in_array( $route, COPY_ROUTES, true ) || ! is_array( $auth ) || ! is_string( $args ) ) {
		return null;
	}
	$said = array();
	foreach ( array( 'session', 'time', 'nonce', 'mac' ) as $name ) {
		$said[ $name ] = is_string( $auth[ $name ] ?? null ) ? $auth[ $name ] : '';
	}
	$key  = copy_key( $secret, $said['session'] );
	$text = implode( "\n", array( 'POST', COPY_SPACE . $route, hash( 'sha256', $args ), $said['time'], $said['nonce'] ) );
	if ( '' === $key || ! hash_equals( hash_hmac( 'sha256', $text, $key ), $said['mac'] ) ) {
		return null;
	}
	return 1 === preg_match( '/^[0-9]{1,12}$/D', $said['time'] ) && abs( $now - (int) $said['time'] ) <= COPY_CLOCK ? $route : 'late';
}

/**
 * The route that the request at hand asks for, or null if it is not the import of another clone.
 */
function copy_wish( Request $request ): ?string {
	if ( ! str_starts_with( $request->path, COPY_PATH ) ) {
		return null;
	}
	$body  = (string) file_get_contents( 'php://input', false, null, 0, COPY_MOST + 1 );
	$route = copy_route( $request, $body, (string) getenv( 'WPCLONE_SALT', true ), time() );
	if ( 'late' === $route ) {
		answer_late();
	}
	return $route;
}

/**
 * Tell a caller whose signature is right what time it is here, as the agent does.
 */
function answer_late(): never {
	http_response_code( 401 );
	header( 'Content-Type: application/json' );
	header( 'Cache-Control: no-store' );
	echo json_encode(
		array(
			'code'    => 'wpclone_clock',
			'message' => 'The request is too old or from the future.',
			'data'    => array( 'status' => 401, 'time' => time() ),
		)
	), "\n";
	exit;
}
