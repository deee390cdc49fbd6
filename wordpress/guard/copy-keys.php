<?php
/**
 * Stands in for the agent's sessions, which are records in a database: here a signature is all there is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

defined( 'WPCLONE_COPY' ) || exit;

/**
 * The session of an import is the UID of the clone that it fills.
 */
final class WPClone_Agent_Sessions {

	/**
	 * @return array<string, string>
	 */
	public static function find( string $id ): array {
		return array( 'uid' => $id );
	}
}

/**
 * One key per clone that copies this one.
 */
final class WPClone_Agent_Keys {

	/**
	 * @param array<string, string> $record What find() returned.
	 */
	public static function session_key( string $id, array $record ): string {
		return WPClone\Guard\copy_key( (string) getenv( 'WPCLONE_SALT', true ), $id );
	}
}
