<?php
/**
 * The page under Tools: who copied this site, and the pairing key, which is shown once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * The new key goes through no redirect and no stored message: it is printed by the request that made it.
 */
final class WPClone_Agent_Page {

	const SLUG   = 'wpclone-agent';
	const ACTION = 'wpclone_agent_key';

	/**
	 * Adds the page.
	 */
	public static function add(): void {
		add_management_page( __( 'WordPress Clone', 'wpclone' ), __( 'WordPress Clone', 'wpclone' ), WPClone_Agent_Gate::CAPABILITY, self::SLUG, array( __CLASS__, 'show' ) );
	}

	/**
	 * Makes or revokes the pairing key.
	 */
	public static function handle(): void {
		if ( ! current_user_can( WPClone_Agent_Gate::CAPABILITY ) ) {
			wp_die( esc_html__( 'Only an administrator may do this.', 'wpclone' ), 403 );
		}
		check_admin_referer( self::ACTION );
		if ( isset( $_POST['revoke'] ) ) {
			WPClone_Agent_Keys::unpair();
			wp_safe_redirect( admin_url( 'tools.php?page=' . self::SLUG ) );
			exit;
		}
		nocache_headers();
		$key  = WPClone_Agent_Keys::pair( get_current_user_id() );
		$back = sprintf( '<p><a href="%s">%s</a></p>', esc_url( admin_url( 'tools.php?page=' . self::SLUG ) ), esc_html__( 'Back', 'wpclone' ) );
		$text = sprintf( '<h1>%s</h1><p><code>%s</code></p><p>%s</p>', esc_html__( 'Pairing key', 'wpclone' ), esc_html( $key ), esc_html__( 'Store it now as agent-key in the source Secret: it is not shown again.', 'wpclone' ) );
		wp_die( wp_kses_post( $text . $back ), esc_html__( 'Pairing key', 'wpclone' ), array( 'response' => 200 ) );
	}

	/**
	 * Prints the page.
	 */
	public static function show(): void {
		$pairing = WPClone_Agent_Keys::pairing();
		echo '<div class="wrap"><h1>' . esc_html__( 'WordPress Clone', 'wpclone' ) . '</h1>';
		echo '<p>' . esc_html__( 'This plugin lets WordPress Clone read this site. It never changes content.', 'wpclone' ) . '</p>';
		echo '<h2>' . esc_html__( 'Pairing key', 'wpclone' ) . '</h2><p>';
		/* translators: %s: date and time. */
		echo null === $pairing ? esc_html__( 'This site is not paired.', 'wpclone' ) : esc_html( sprintf( __( 'Paired since %s.', 'wpclone' ), self::moment( (int) $pairing['created'] ) ) );
		echo '</p><form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '">';
		echo '<input type="hidden" name="action" value="' . esc_attr( self::ACTION ) . '">';
		wp_nonce_field( self::ACTION );
		echo '<button class="button button-primary" name="create">' . esc_html__( 'Create a new key', 'wpclone' ) . '</button> ';
		if ( null !== $pairing ) {
			echo '<button class="button" name="revoke">' . esc_html__( 'Revoke the key', 'wpclone' ) . '</button>';
		}
		echo '</form>';
		self::show_log();
		echo '</div>';
	}

	/**
	 * Prints who opened sessions lately.
	 */
	private static function show_log(): void {
		echo '<h2>' . esc_html__( 'Last copies', 'wpclone' ) . '</h2><ul>';
		foreach ( array_reverse( (array) get_option( WPClone_Agent_Options::LOG, array() ) ) as $entry ) {
			$user = get_userdata( (int) $entry['user'] );
			$name = $user instanceof WP_User ? $user->user_login : '?';
			echo '<li>' . esc_html( self::moment( (int) $entry['time'] ) . ' – ' . $name . ' (' . $entry['how'] . ')' ) . '</li>';
		}
		echo '</ul>';
	}

	/**
	 * A time as people of this site read it.
	 *
	 * @param int $time Unix time.
	 */
	private static function moment( int $time ): string {
		return wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $time );
	}
}
