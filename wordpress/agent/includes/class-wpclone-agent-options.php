<?php
/**
 * Knows the names of our options: few, never autoloaded, all of one prefix.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Everything this plugin keeps in the database stands under `PREFIX`, so that exports can leave
 * it out and uninstall can take it all.
 */
final class WPClone_Agent_Options {

	const PREFIX    = 'wpclone_agent_';
	const SESSION   = 'wpclone_agent_session_';
	const PAIRING   = 'wpclone_agent_pairing';
	const ACTIVATED = 'wpclone_agent_activated';
	const REMOVAL   = 'wpclone_agent_removal';
	const LOG       = 'wpclone_agent_log';

	/**
	 * Names of our stored options that begin with a prefix, read from the database itself.
	 *
	 * @param string $prefix Beginning of the names.
	 * @return string[]
	 */
	public static function names( string $prefix = self::PREFIX ): array {
		global $wpdb;
		$like = $wpdb->esc_like( $prefix ) . '%';
		return $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s", $like ) );
	}

	/**
	 * A record as the database holds it, or null. An object cache may belong to another web server, and would
	 * remember every made-up name as missing.
	 *
	 * @param string $name Name of the option.
	 */
	public static function record( string $name ): ?array {
		global $wpdb;
		$text   = (string) $wpdb->get_var( $wpdb->prepare( "SELECT option_value FROM {$wpdb->options} WHERE option_name = %s", $name ) );
		$record = is_serialized( $text ) ? unserialize( $text, array( 'allowed_classes' => false ) ) : null;
		return is_array( $record ) ? $record : null;
	}

	/**
	 * Changes a record where it is still there: one that another request has deleted stays deleted.
	 *
	 * @param string $name   Name of the option.
	 * @param array  $record The record.
	 */
	public static function change( string $name, array $record ): void {
		global $wpdb;
		$wpdb->update( $wpdb->options, array( 'option_value' => serialize( $record ) ), array( 'option_name' => $name ) );
	}

	/**
	 * Deletes everything of ours, through the option functions so that object caches follow.
	 */
	public static function delete_all(): void {
		foreach ( self::names() as $name ) {
			delete_option( $name );
		}
	}
}
