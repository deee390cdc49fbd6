<?php
/**
 * Lets WordPress Clone read this site, for an administrator and for a limited time.
 *
 * Plugin Name:       WordPress Clone Agent
 * Description:       Streams this site's tables and files to WordPress Clone when an administrator asks for a copy. It reads and never writes content.
 * Version:           0.1.0
 * Requires at least: 5.6
 * Requires PHP:      7.4
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       wpclone
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

define( 'WPCLONE_AGENT_VERSION', '0.1.0' );
define( 'WPCLONE_AGENT_FILE', __FILE__ );

/**
 * Loads our classes, one per file, when they are first named.
 *
 * @param string $class Name of the class asked for.
 */
function wpclone_agent_autoload( string $class ): void {
	if ( 0 === strpos( $class, 'WPClone_Agent_' ) ) {
		$file = __DIR__ . '/includes/class-' . strtolower( str_replace( '_', '-', $class ) ) . '.php';
		if ( is_file( $file ) ) {
			require_once $file;
		}
	}
}
spl_autoload_register( 'wpclone_agent_autoload' );

/**
 * Returns a callback that does nothing once our files are gone: whoever takes us off does so in the
 * middle of some visitor's request, and that visitor must not notice.
 *
 * @param string $class  One of our classes.
 * @param string $method Its static method.
 */
function wpclone_agent_hook( string $class, string $method ): Closure {
	return static function ( ...$args ) use ( $class, $method ) {
		return class_exists( $class ) ? call_user_func_array( array( $class, $method ), $args ) : ( $args[0] ?? null );
	};
}

// Every hook of this plugin stands here.
register_activation_hook( __FILE__, array( 'WPClone_Agent_Removal', 'remember_activation' ) );
add_action( 'init', wpclone_agent_hook( 'WPClone_Agent_Removal', 'remove_when_idle' ), 1 );
add_action( 'rest_api_init', wpclone_agent_hook( 'WPClone_Agent_Routes', 'register' ) );
add_filter( 'rest_authentication_errors', wpclone_agent_hook( 'WPClone_Agent_Gate', 'accept_own_basic_header' ), 50 );
add_filter( 'rest_pre_serve_request', wpclone_agent_hook( 'WPClone_Agent_Reply', 'serve' ), 99, 2 );
add_action( 'admin_menu', wpclone_agent_hook( 'WPClone_Agent_Page', 'add' ) );
add_action( 'admin_post_wpclone_agent_key', wpclone_agent_hook( 'WPClone_Agent_Page', 'handle' ) );
