<?php
/**
 * Derives keys from the site's own salts, so that no key ever stands in the database.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * A dump of the database holds identifiers only; without wp-config.php they open nothing.
 */
final class WPClone_Agent_Keys {

	/**
	 * Makes a new pairing key and returns it: the only moment it can be seen.
	 *
	 * @param int $user Administrator on whose behalf the key will act.
	 */
	public static function pair( int $user ): string {
		$record = array(
			'id'      => bin2hex( random_bytes( 16 ) ),
			'user'    => $user,
			'created' => time(),
		);
		update_option( WPClone_Agent_Options::PAIRING, $record, false );
		return self::pairing_key( $record );
	}

	/**
	 * The stored half of the pairing, or null when the site is not paired.
	 */
	public static function pairing(): ?array {
		$record = get_option( WPClone_Agent_Options::PAIRING );
		return is_array( $record ) && isset( $record['id'], $record['user'], $record['created'] ) ? $record : null;
	}

	/**
	 * Takes the pairing back; sessions that it opened end with it.
	 */
	public static function unpair(): void {
		delete_option( WPClone_Agent_Options::PAIRING );
	}

	/**
	 * The key of a stored pairing.
	 *
	 * @param array $record What `pairing()` returned.
	 */
	public static function pairing_key( array $record ): string {
		return hash_hmac( 'sha256', 'wpclone-agent|pairing|' . $record['id'] . '|' . $record['user'], wp_salt( 'auth' ) );
	}

	/**
	 * The key of a session. One that was opened by the pairing key never travels: both sides derive it.
	 *
	 * @param string $id     Identifier of the session.
	 * @param array  $record The session as it is stored.
	 */
	public static function session_key( string $id, array $record ): ?string {
		if ( 'pairing' !== $record['how'] ) {
			return hash_hmac( 'sha256', 'wpclone-agent|session|' . $id . '|' . $record['nonce'], wp_salt( 'auth' ) );
		}
		$pairing = self::pairing();
		if ( null === $pairing ) {
			return null;
		}
		return hash_hmac( 'sha256', 'session|' . $id . '|' . $record['nonce'], self::pairing_key( $pairing ) );
	}
}
