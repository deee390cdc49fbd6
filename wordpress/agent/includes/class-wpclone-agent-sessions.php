<?php
/**
 * Opens, finds, counts and ends sessions: one option each, so that parallel requests never collide.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * A session lives as long as it is used: it ends 30 minutes after its last request, and after a day in any case.
 */
final class WPClone_Agent_Sessions {

	const LIFETIME = 1800;

	// Whoever copies for longer proves anew who they are; a key that was stolen does not open a site for ever.
	const LONGEST = 86400;

	// A session is marked as used at most this often, so that an export writes next to nothing.
	const TOUCH_EVERY = 30;

	const LOGGED = 20;

	/**
	 * Opens a session and returns its identifier and key.
	 *
	 * @param int    $user  Administrator on whose behalf it reads.
	 * @param string $how   `login`, `application-password` or `pairing`.
	 * @param string $nonce The client's nonce.
	 * @return array{0:string,1:string}
	 */
	public static function open( int $user, string $how, string $nonce ): array {
		self::forget_expired();
		$id     = bin2hex( random_bytes( 12 ) );
		$now    = time();
		$record = array(
			'user'   => $user,
			'how'    => $how,
			'nonce'  => $nonce,
			'opened' => $now,
			'seen'   => $now,
		);
		add_option( WPClone_Agent_Options::SESSION . $id, $record, '', 'no' );
		self::log( $user, $how, $now );
		return array( $id, (string) WPClone_Agent_Keys::session_key( $id, $record ) );
	}

	/**
	 * The stored session, or null if it is unknown or has expired.
	 *
	 * @param string $id Identifier from the request, not trusted.
	 */
	public static function find( string $id ): ?array {
		if ( 1 !== preg_match( '/^[0-9a-f]{24}$/D', $id ) ) {
			return null;
		}
		$record = WPClone_Agent_Options::record( WPClone_Agent_Options::SESSION . $id );
		$now    = time();
		if ( null === $record || $record['seen'] < $now - self::LIFETIME || $record['opened'] < $now - self::LONGEST ) {
			return null;
		}
		return $record;
	}

	/**
	 * Notes that a session is in use.
	 *
	 * @param string $id     Identifier of a session that was found.
	 * @param array  $record The session as it is stored.
	 */
	public static function touch( string $id, array $record ): void {
		if ( time() - $record['seen'] >= self::TOUCH_EVERY ) {
			$record['seen'] = time();
			WPClone_Agent_Options::change( WPClone_Agent_Options::SESSION . $id, $record );
		}
	}

	/**
	 * Ends one session.
	 *
	 * @param string $id Identifier of a session that was found.
	 */
	public static function close( string $id ): void {
		delete_option( WPClone_Agent_Options::SESSION . $id );
	}

	/**
	 * The sessions that are alive, by identifier.
	 *
	 * @return array<string,array>
	 */
	public static function live(): array {
		$live = array();
		foreach ( WPClone_Agent_Options::names( WPClone_Agent_Options::SESSION ) as $name ) {
			$id     = substr( $name, strlen( WPClone_Agent_Options::SESSION ) );
			$record = self::find( $id );
			if ( null !== $record ) {
				$live[ $id ] = $record;
			}
		}
		return $live;
	}

	/**
	 * Removes what is left of sessions that have expired.
	 */
	private static function forget_expired(): void {
		$live = self::live();
		foreach ( WPClone_Agent_Options::names( WPClone_Agent_Options::SESSION ) as $name ) {
			if ( ! isset( $live[ substr( $name, strlen( WPClone_Agent_Options::SESSION ) ) ] ) ) {
				delete_option( $name );
			}
		}
	}

	/**
	 * Keeps a short list of who opened what, for the site's owner to read.
	 *
	 * @param int    $user Administrator on whose behalf the session reads.
	 * @param string $how  The way it was opened.
	 * @param int    $now  When.
	 */
	private static function log( int $user, string $how, int $now ): void {
		$log   = (array) get_option( WPClone_Agent_Options::LOG, array() );
		$log[] = array(
			'user' => $user,
			'how'  => $how,
			'time' => $now,
		);
		update_option( WPClone_Agent_Options::LOG, array_slice( $log, -self::LOGGED ), false );
	}
}
