<?php
/**
 * Takes this plugin off the site again if WordPress Clone itself brought it there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * A copy of the plugin that a person uploaded stays; one with the file `temporary` beside it goes
 * when it is no longer used, even if whoever brought it was killed.
 */
final class WPClone_Agent_Removal {

	// Whoever began to remove us and has not finished after this time is dead.
	const LOCK_SECONDS = 300;

	/**
	 * Whether WordPress Clone brought us.
	 */
	public static function is_temporary(): bool {
		return file_exists( plugin_dir_path( WPCLONE_AGENT_FILE ) . 'temporary' );
	}

	/**
	 * Remembers when we came, from where the idle time counts until there is a session.
	 */
	public static function remember_activation(): void {
		update_option( WPClone_Agent_Options::ACTIVATED, time(), false );
	}

	/**
	 * Removes us on an ordinary request if nobody has used us for 30 minutes.
	 */
	public static function remove_when_idle(): void {
		if ( ! self::is_temporary() ) {
			return;
		}
		$last = (int) get_option( WPClone_Agent_Options::ACTIVATED, filemtime( WPCLONE_AGENT_FILE ) );
		foreach ( WPClone_Agent_Options::names( WPClone_Agent_Options::SESSION ) as $name ) {
			$record = WPClone_Agent_Options::record( $name );
			$last   = max( $last, null === $record ? 0 : (int) $record['seen'] );
		}
		if ( time() - $last > WPClone_Agent_Sessions::LIFETIME ) {
			self::schedule();
		}
	}

	/**
	 * Ends the caller's session, and removes us if asked to and if no other session lives.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function finish( WPClone_Agent_Reply $reply ): void {
		WPClone_Agent_Sessions::close( $reply->message->auth['session'] );
		$others = count( WPClone_Agent_Sessions::live() );
		$remove = ! empty( $reply->message->args['remove'] ) && 0 === $others && self::is_temporary();
		if ( $remove ) {
			self::schedule();
		}
		$reply->json(
			'J',
			array(
				'others'   => $others,
				'removing' => $remove,
			)
		);
	}

	/**
	 * Lets the answer go out first.
	 */
	private static function schedule(): void {
		register_shutdown_function( array( __CLASS__, 'remove' ) );
	}

	/**
	 * Deactivates and deletes us. Where the files belong to somebody else they stay, inactive.
	 */
	public static function remove(): void {
		if ( ! self::lock() ) {
			return;
		}
		if ( WPClone_Agent_Sessions::live() ) {
			// Somebody came while the answer went out: the last of them takes us off.
			delete_option( WPClone_Agent_Options::REMOVAL );
			return;
		}
		require_once ABSPATH . 'wp-admin/includes/plugin.php';
		require_once ABSPATH . 'wp-admin/includes/file.php';
		$plugin = plugin_basename( WPCLONE_AGENT_FILE );
		deactivate_plugins( array( $plugin ), true );
		add_filter(
			'filesystem_method',
			static function (): string {
				return 'direct';
			},
			PHP_INT_MAX
		);
		delete_plugins( array( $plugin ) );
		WPClone_Agent_Options::delete_all();
	}

	/**
	 * Lets one of many parallel requests win.
	 */
	private static function lock(): bool {
		global $wpdb;
		$name  = WPClone_Agent_Options::REMOVAL;
		$now   = time();
		$taken = $wpdb->query( $wpdb->prepare( "INSERT IGNORE INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'no')", $name, (string) $now ) );
		if ( 1 === $taken ) {
			return true;
		}
		$stale = (string) ( $now - self::LOCK_SECONDS );
		return 1 === $wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->options} SET option_value = %s WHERE option_name = %s AND option_value < %s", (string) $now, $name, $stale ) );
	}
}
