<?php
/**
 * Stops outgoing HTTP requests of WordPress, and answers those a clone sends to itself.
 *
 * The wall is the network policy; this gives code a quick and clear refusal instead of a timeout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

const UPDATE_HOSTS  = array( 'api.wordpress.org', 'downloads.wordpress.org', 's.w.org', 'ps.w.org', 'ts.w.org' );
const LOCAL_HOSTS   = array( 'localhost', '127.0.0.1', '[::1]' );
const MAX_REDIRECTS = 5;

/**
 * Where a request may go: "self", "through", or "nowhere". Pure.
 */
function http_destination( State $state, string $url ): string {
	$host = strtolower( (string) parse_url( $url, PHP_URL_HOST ) );
	return match ( true ) {
		'' !== $host && $host === $state->host() => 'self',
		in_array( $host, LOCAL_HOSTS, true ) => 'through',
		! $state->blocks( 'updates' ) && in_array( $host, UPDATE_HOSTS, true ) => 'through',
		default => 'nowhere',
	};
}

/**
 * Answer, refuse or let through one request of WordPress' HTTP functions.
 *
 * @param mixed                $answer Something else than false if other code has answered already.
 * @param array<string, mixed> $args   Arguments of the request.
 * @param mixed                $url    Address; WordPress has not looked at it yet.
 * @return mixed
 */
function answer_or_block_http( mixed $answer, array $args, mixed $url ): mixed {
	if ( false !== $answer ) {
		return $answer;
	}
	$url         = (string) $url;
	$destination = http_destination( state(), $url );
	if ( 'through' === $destination ) {
		return false;
	}
	if ( 'self' === $destination ) {
		return request_to_self( $url, $args );
	}
	return new \WP_Error(
		'wpclone_blocked',
		sprintf( 'This is a clone: it sends nothing to %s.', (string) parse_url( $url, PHP_URL_HOST ) )
	);
}

/**
 * Ask our own web server instead of the public address, which need not be reachable from in here.
 *
 * @param array<string, mixed> $args Arguments of the request.
 * @return array<string, mixed>|\WP_Error
 */
function request_to_self( string $url, array $args ) {
	$hops = min( MAX_REDIRECTS, (int) ( $args['redirection'] ?? 0 ) );
	$port = (int) ( getenv( 'WPCLONE_LISTEN', true ) ?: 80 );
	while ( true ) {
		$answer = wp_remote_request( local_address( $url, $port ), local_arguments( $args, $url ) );
		$next   = is_wp_error( $answer ) ? '' : wp_remote_retrieve_header( $answer, 'location' );
		if ( ! is_string( $next ) || '' === $next || 0 === $hops-- ) {
			return $answer;
		}
		$url = \WP_Http::make_absolute_url( $next, $url );
		if ( 'self' !== http_destination( state(), $url ) ) {
			return $answer;
		}
		if ( 307 > (int) wp_remote_retrieve_response_code( $answer ) ) {
			$args = array_merge( $args, array( 'method' => 'GET', 'body' => null ) );
		}
	}
}

function local_address( string $url, int $port ): string {
	$parts = parse_url( $url );
	// By this name: WP_HTTP_BLOCK_EXTERNAL lets "localhost" through, and no address.
	return "http://localhost:$port" . ( $parts['path'] ?? '/' ) . ( isset( $parts['query'] ) ? '?' . $parts['query'] : '' );
}

/**
 * The same request for the local server: its true Host, the gate's cookie, no redirects of its own.
 *
 * @param array<string, mixed> $args Arguments of the request.
 * @return array<string, mixed>
 */
function local_arguments( array $args, string $url ): array {
	$headers                      = is_array( $args['headers'] ?? null ) ? $args['headers'] : array();
	$headers['Host']              = (string) parse_url( $url, PHP_URL_HOST );
	$headers['X-Forwarded-Proto'] = 'https';
	$cookies                      = (array) ( $args['cookies'] ?? array() );
	$cookies[ LINK_COOKIE ]       = gate_token( state(), 'link' );
	$cookies[ LOGIN_COOKIE ]      = gate_token( state(), 'login' );
	return array_merge(
		$args,
		array(
			'headers'            => $headers,
			'cookies'            => $cookies,
			'redirection'        => 0,
			'reject_unsafe_urls' => false,
		)
	);
}
