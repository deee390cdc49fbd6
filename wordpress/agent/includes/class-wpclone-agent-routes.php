<?php
/**
 * Names our REST routes: a fixed list, each with who may call it and who answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Routes accept GET too: the last resort where a host refuses POST; the envelope then stands in `m`.
 */
final class WPClone_Agent_Routes {

	const SPACE    = 'wpclone-agent/v1';
	const PROTOCOL = 2;

	/**
	 * Registers all routes.
	 */
	public static function register(): void {
		self::add( 'hello', array( __CLASS__, 'hello' ), '__return_true' );
		self::add( 'open', array( __CLASS__, 'open' ), array( 'WPClone_Agent_Gate', 'may_open' ) );
		$answers = array(
			'manifest' => array( 'WPClone_Agent_Manifest', 'write' ),
			'tables'   => array( 'WPClone_Agent_Tables', 'write' ),
			'rows'     => array( 'WPClone_Agent_Rows', 'write' ),
			'value'    => array( 'WPClone_Agent_Value', 'write' ),
			'files'    => array( 'WPClone_Agent_Listing', 'write' ),
			'fetch'    => array( 'WPClone_Agent_Fetch', 'write' ),
			'finish'   => array( 'WPClone_Agent_Removal', 'finish' ),
		);
		foreach ( $answers as $name => $writer ) {
			$answer = static function ( WP_REST_Request $request ) use ( $writer ): WP_REST_Response {
				return WPClone_Agent_Reply::to( $request, $writer );
			};
			self::add( $name, $answer, array( 'WPClone_Agent_Gate', 'may_read' ) );
		}
	}

	/**
	 * Says that we are here, and echoes the caller's nonce so that a cached answer gives itself away.
	 *
	 * @param WP_REST_Request $request The request.
	 */
	public static function hello( WP_REST_Request $request ): WP_REST_Response {
		$message = WPClone_Agent_Message::read( $request );
		$answer  = self::greeting( null === $message ? '' : $message->auth['nonce'] );
		// Whoever wants to take us off has to know whether we are in use.
		$answer['sessions'] = count( WPClone_Agent_Sessions::live() );
		return self::uncached( $answer );
	}

	/**
	 * Opens a session for a caller whom the gate let through.
	 *
	 * @param WP_REST_Request $request The request.
	 */
	public static function open( WP_REST_Request $request ): WP_REST_Response {
		$message = WPClone_Agent_Message::read( $request );
		$pairing = '' === $message->auth['mac'] ? null : WPClone_Agent_Keys::pairing();
		$user    = null === $pairing ? get_current_user_id() : (int) $pairing['user'];
		$how     = null !== $pairing ? 'pairing' : ( did_action( 'application_password_did_authenticate' ) ? 'application-password' : 'login' );

		list( $id, $key )  = WPClone_Agent_Sessions::open( $user, $how, $message->auth['nonce'] );
		$answer            = self::greeting( $message->auth['nonce'] );
		$answer['session'] = $id;
		if ( null === $pairing ) {
			$answer['key'] = $key;
		}
		$answer['proof'] = hash_hmac( 'sha256', 'opened|' . $id . '|' . $message->auth['nonce'], $key );
		return self::uncached( $answer );
	}

	/**
	 * What every plain answer holds.
	 *
	 * @param string $nonce The caller's nonce.
	 * @return array<string,mixed>
	 */
	private static function greeting( string $nonce ): array {
		return array(
			'agent'     => 'wpclone',
			'protocol'  => self::PROTOCOL,
			'version'   => WPCLONE_AGENT_VERSION,
			'temporary' => WPClone_Agent_Removal::is_temporary(),
			'time'      => time(),
			'nonce'     => $nonce,
		);
	}

	/**
	 * Wraps a plain answer so that no cache keeps it.
	 *
	 * @param array $data The answer.
	 */
	private static function uncached( array $data ): WP_REST_Response {
		WPClone_Agent_Reply::forbid_caching();
		$response = new WP_REST_Response( $data );
		$response->header( 'Cache-Control', 'no-store, no-cache, must-revalidate, max-age=0, private' );
		return $response;
	}

	/**
	 * Registers one route.
	 *
	 * @param string   $name    Last part of the route.
	 * @param callable $answer  Who answers.
	 * @param callable $allowed Who may call.
	 */
	private static function add( string $name, callable $answer, callable $allowed ): void {
		register_rest_route(
			self::SPACE,
			'/' . $name,
			array(
				'methods'             => array( 'GET', 'POST' ),
				'callback'            => $answer,
				'permission_callback' => $allowed,
			)
		);
	}
}
