<?php
/**
 * Parses what a client sent: an envelope of proof and arguments, in the body or, at worst, in the query.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * The proof travels beside the arguments and not in headers, because some hosts drop headers.
 */
final class WPClone_Agent_Message {

	/**
	 * Proof: session, time, nonce, mac.
	 *
	 * @var array<string,string>
	 */
	public $auth;

	/**
	 * Arguments, exactly as they were signed.
	 *
	 * @var string
	 */
	public $args_text;

	/**
	 * Arguments, decoded.
	 *
	 * @var array
	 */
	public $args;

	/**
	 * Keeps the parts.
	 *
	 * @param array  $auth      Proof.
	 * @param string $args_text Arguments as sent.
	 * @param array  $args      Arguments decoded.
	 */
	private function __construct( array $auth, string $args_text, array $args ) {
		$this->auth      = $auth;
		$this->args_text = $args_text;
		$this->args      = $args;
	}

	/**
	 * Reads the envelope of a request; null if there is none that makes sense.
	 *
	 * @param WP_REST_Request $request The request.
	 */
	public static function read( WP_REST_Request $request ): ?self {
		$text = $request->get_body();
		if ( '' === (string) $text && is_string( $request['m'] ) ) {
			$text = self::unpack( $request['m'] );
		}
		$envelope = json_decode( (string) $text, true, 8 );
		if ( ! is_array( $envelope ) || ! isset( $envelope['auth'], $envelope['args'] ) || ! is_string( $envelope['args'] ) ) {
			return null;
		}
		$args = json_decode( $envelope['args'], true, 16 );
		$auth = array();
		foreach ( array( 'session', 'time', 'nonce', 'mac' ) as $key ) {
			$auth[ $key ] = isset( $envelope['auth'][ $key ] ) && is_scalar( $envelope['auth'][ $key ] ) ? (string) $envelope['auth'][ $key ] : '';
		}
		if ( ! is_array( $args ) || 1 !== preg_match( '/^[0-9a-zA-Z_-]{16,64}$/D', $auth['nonce'] ) ) {
			return null;
		}
		return new self( $auth, $envelope['args'], $args );
	}

	/**
	 * Unpacks the envelope of a query; '' if it is none.
	 *
	 * @param string $packed Deflated, in the alphabet of addresses.
	 */
	private static function unpack( string $packed ): string {
		$deflated = base64_decode( strtr( $packed, '-_', '+/' ), true );
		if ( ! is_string( $deflated ) || ! function_exists( 'gzuncompress' ) || 1 !== preg_match( '/^\x78[\x01\x9c\xda]/', $deflated ) ) {
			return '';
		}
		return (string) gzuncompress( $deflated, 262144 );
	}

	/**
	 * Whether the proof was made with a key, for this method and route, not long ago.
	 *
	 * @param string          $key     Key that the client should hold.
	 * @param WP_REST_Request $request The request.
	 */
	public function is_signed_by( string $key, WP_REST_Request $request ): bool {
		$said = array( $request->get_method(), $request->get_route(), hash( 'sha256', $this->args_text ), $this->auth['time'], $this->auth['nonce'] );
		return hash_equals( hash_hmac( 'sha256', implode( "\n", $said ), $key ), $this->auth['mac'] );
	}
}
