<?php
/**
 * Says what this site is, so that nobody has to guess: versions, prefix, layout, limits, marks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * One frame of facts, read at the start of an export.
 */
final class WPClone_Agent_Manifest {

	/**
	 * Writes the manifest.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function write( WPClone_Agent_Reply $reply ): void {
		$reply->json( 'J', self::site() + self::software() + self::limits() + self::database() );
	}

	/**
	 * Addresses, title and layout.
	 *
	 * @return array<string,mixed>
	 */
	private static function site(): array {
		return array(
			'home'      => (string) get_option( 'home' ),
			'siteurl'   => (string) get_option( 'siteurl' ),
			'rest'      => rest_url(),
			'title'     => wp_specialchars_decode( (string) get_option( 'blogname' ), ENT_QUOTES ),
			'multisite' => is_multisite(),
			'layout'    => WPClone_Agent_Layout::problems(),
		);
	}

	/**
	 * Versions of everything that a copy has to match.
	 *
	 * @return array<string,mixed>
	 */
	private static function software(): array {
		global $wp_version, $wp_db_version;
		if ( ! function_exists( 'get_plugins' ) ) {
			require_once ABSPATH . 'wp-admin/includes/plugin.php';
		}
		$plugins = array();
		$active  = (array) get_option( 'active_plugins', array() );
		foreach ( get_plugins() as $file => $plugin ) {
			if ( in_array( $file, $active, true ) && plugin_basename( WPCLONE_AGENT_FILE ) !== $file ) {
				$plugins[ $file ] = (string) $plugin['Version'];
			}
		}
		$theme = wp_get_theme();
		return array(
			'wordpress'  => (string) $wp_version,
			'db_version' => (int) $wp_db_version,
			'php'        => PHP_VERSION,
			'agent'      => WPCLONE_AGENT_VERSION,
			'extensions' => array_map( 'strtolower', get_loaded_extensions() ),
			'requires'   => (object) WPClone_Agent_Requirements::of( array_keys( $plugins ) ),
			'plugins'    => (object) $plugins,
			'theme'      => $theme->get_stylesheet() . ' ' . $theme->get( 'Version' ),
			'dropins'    => array_keys( get_dropins() ),
		);
	}

	/**
	 * What the host allows.
	 *
	 * @return array<string,mixed>
	 */
	private static function limits(): array {
		return array(
			'memory_limit'       => (string) ini_get( 'memory_limit' ),
			'max_execution_time' => (int) ini_get( 'max_execution_time' ),
			'server'             => isset( $_SERVER['SERVER_SOFTWARE'] ) ? sanitize_text_field( wp_unslash( $_SERVER['SERVER_SOFTWARE'] ) ) : '',
		);
	}

	/**
	 * The database: character set, prefix, and the marks, which fix what belongs to the copy.
	 *
	 * @return array<string,mixed>
	 */
	private static function database(): array {
		global $wpdb;
		$marks    = WPClone_Agent_Marks::take();
		$database = WPClone_Agent_Database::get();
		$names    = WPClone_Agent_Tables::names();
		return array(
			'prefix'             => $wpdb->base_prefix,
			'charset'            => $database->charset(),
			'collate'            => (string) $wpdb->collate,
			'server_version'     => (string) $database->value( 'SELECT VERSION()' ),
			'max_allowed_packet' => (int) $database->value( 'SELECT @@max_allowed_packet' ),
			'database_bytes'     => array_sum( array_intersect_key( WPClone_Agent_Tables::sizes(), array_flip( $names ) ) ),
			'tables'             => count( $names ),
			'views'              => WPClone_Agent_Tables::views(),
			'triggers'           => WPClone_Agent_Tables::triggers(),
			'marks'              => (object) $marks,
		);
	}
}
