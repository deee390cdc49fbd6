<?php
/**
 * Decides who may call a route: an administrator opens a session, a session's key signs everything else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Permission callbacks of our routes.
 */
final class WPClone_Agent_Gate {

	// What a caller's user must be allowed to do; on a network only its administrators can.
	const CAPABILITY = 'manage_options';

	// Clients take our clock from the first answer; the window is for slow lines and drifting clocks.
	const CLOCK_WINDOW = 300;

	/**
	 * Who may open a session: an administrator by cookie and nonce or Application Password, or
	 * whoever proves to hold the pairing key.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return true|WP_Error
	 */
	public static function may_open( WP_REST_Request $request ) {
		$message = WPClone_Agent_Message::read( $request );
		if ( null === $message ) {
			return self::refuse( 'wpclone_malformed', __( 'This request could not be read.', 'wpclone' ), 400 );
		}
		if ( '' !== $message->auth['mac'] ) {
			$pairing = WPClone_Agent_Keys::pairing();
			if ( null === $pairing || ! $message->is_signed_by( WPClone_Agent_Keys::pairing_key( $pairing ), $request ) ) {
				return self::refuse( 'wpclone_key', __( 'The pairing key is not valid on this site.', 'wpclone' ), 401 );
			}
			return self::check_clock_and_user( $message, (int) $pairing['user'] );
		}
		if ( ! is_user_logged_in() ) {
			return self::refuse( 'wpclone_anonymous', __( 'Log in as an administrator first.', 'wpclone' ), 401 );
		}
		return self::check_user( get_current_user_id() );
	}

	/**
	 * Who may call everything else: the holder of a live session's key, while its user is still
	 * an administrator.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return true|WP_Error
	 */
	public static function may_read( WP_REST_Request $request ) {
		$message = WPClone_Agent_Message::read( $request );
		$record  = null === $message ? null : WPClone_Agent_Sessions::find( $message->auth['session'] );
		$key     = null === $record ? null : WPClone_Agent_Keys::session_key( $message->auth['session'], $record );
		if ( null === $key ) {
			return self::refuse( 'wpclone_session', __( 'This session is unknown or has expired.', 'wpclone' ), 401 );
		}
		if ( ! $message->is_signed_by( $key, $request ) ) {
			return self::refuse( 'wpclone_signature', __( 'The signature is not valid.', 'wpclone' ), 401 );
		}
		$allowed = self::check_clock_and_user( $message, (int) $record['user'] );
		if ( true === $allowed ) {
			WPClone_Agent_Sessions::touch( $message->auth['session'], $record );
		}
		return $allowed;
	}

	/**
	 * Accepts an Application Password in a header of our own, for our own routes: FPM drops `Authorization`
	 * where WordPress' rewrite rule for it is missing. Whoever dropped it on purpose did so for all others.
	 *
	 * @param WP_Error|true|null $result What others have decided so far.
	 * @return WP_Error|true|null
	 */
	public static function accept_own_basic_header( $result ) {
		$route = isset( $GLOBALS['wp']->query_vars['rest_route'] ) ? (string) $GLOBALS['wp']->query_vars['rest_route'] : '';
		$ours  = 0 === strpos( $route, '/' . WPClone_Agent_Routes::SPACE . '/' );
		if ( ! empty( $result ) || ! $ours || is_user_logged_in() || empty( $_SERVER['HTTP_X_WPCLONE_AUTHORIZATION'] ) ) {
			return $result;
		}
		$header = sanitize_text_field( wp_unslash( $_SERVER['HTTP_X_WPCLONE_AUTHORIZATION'] ) );
		$pair   = explode( ':', (string) base64_decode( substr( $header, strlen( 'Basic ' ) ), true ), 2 );
		if ( 0 !== strpos( $header, 'Basic ' ) || 2 !== count( $pair ) || ! function_exists( 'wp_authenticate_application_password' ) ) {
			return $result;
		}
		$user = wp_authenticate_application_password( null, $pair[0], $pair[1] );
		if ( $user instanceof WP_User ) {
			wp_set_current_user( $user->ID );
			return true;
		}
		if ( $user instanceof WP_Error ) {
			$user->add_data( array( 'status' => 401 ) ); // Or a wrong password would look like a broken site.
			return $user;
		}
		return $result;
	}

	/**
	 * Checks the message's age and then its user.
	 *
	 * @param WPClone_Agent_Message $message The message.
	 * @param int                   $user    On whose behalf it speaks.
	 * @return true|WP_Error
	 */
	private static function check_clock_and_user( WPClone_Agent_Message $message, int $user ) {
		if ( abs( time() - (int) $message->auth['time'] ) > self::CLOCK_WINDOW ) {
			return self::refuse( 'wpclone_clock', __( 'The request is too old or from the future.', 'wpclone' ), 401 );
		}
		return self::check_user( $user );
	}

	/**
	 * Checks that a user is an administrator today.
	 *
	 * @param int $user Identifier of the user.
	 * @return true|WP_Error
	 */
	private static function check_user( int $user ) {
		if ( ! user_can( $user, self::CAPABILITY ) || ( is_multisite() && ! is_super_admin( $user ) ) ) {
			return self::refuse( 'wpclone_capability', __( 'Only an administrator may copy this site.', 'wpclone' ), 403 );
		}
		return true;
	}

	/**
	 * A refusal; it carries our clock, which a client may need to try again.
	 *
	 * @param string $code    Code for the client.
	 * @param string $message Sentence for people.
	 * @param int    $status  HTTP status.
	 */
	private static function refuse( string $code, string $message, int $status ): WP_Error {
		return new WP_Error(
			$code,
			$message,
			array(
				'status' => $status,
				'time'   => time(),
			)
		);
	}
}
