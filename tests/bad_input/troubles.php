<?php
/**
 * Gives the live site a trouble of its own under each of its other host names.
 *
 * Lies in wp-content/mu-plugins of the source; under any other host, a clone's included, it sleeps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package wpclone
 */

$wpclone_host = $_SERVER['HTTP_HOST'] ?? '';
if ( ! preg_match( '/^([a-z-]+)\.trouble\.test$/', $wpclone_host, $wpclone_match ) ) {
	return;
}
foreach ( array( 'home', 'siteurl' ) as $wpclone_option ) {
	add_filter( "pre_option_$wpclone_option", fn() => "https://$wpclone_host" );
}

/** Tells whether a request asks the agent for one of these. */
function wpclone_test_asks( string ...$routes ): bool {
	return (bool) preg_match( '#wpclone-agent/v1/(' . implode( '|', $routes ) . ')\b#', urldecode( $_SERVER['REQUEST_URI'] ) );
}

/** Counts requests of one kind, over all processes of the web server. */
function wpclone_test_count( string $name ): int {
	$file = fopen( sys_get_temp_dir() . "/wpclone-test-$name", 'c+' );
	flock( $file, LOCK_EX );
	$count = 1 + (int) stream_get_contents( $file );
	rewind( $file );
	fwrite( $file, (string) $count );
	fclose( $file );
	return $count;
}

/** Sends two thirds of a reply under the length of the whole, as a cut connection does. */
function wpclone_test_cut( string $reply ): string {
	header( 'Content-Length: ' . strlen( $reply ) );
	return substr( $reply, 0, intdiv( 2 * strlen( $reply ), 3 ) );
}

switch ( $wpclone_match[1] ) {
	case 'no-uploads':
		define( 'DISALLOW_FILE_MODS', true );
		// Clones of the site's other names may have brought the plugin.
		add_filter( 'option_active_plugins', fn( $plugins ) => array_diff( $plugins, array( 'wpclone-agent/wpclone-agent.php' ) ) );
		break;
	case 'maintenance':
		http_response_code( 503 );
		echo '<title>Maintenance</title>Briefly unavailable for scheduled maintenance. Check back in a minute.';
		exit;
	case 'second-factor':
		add_filter(
			'authenticate',
			function ( $user ) {
				if ( $user instanceof WP_User ) {
					echo '<title>Two-factor</title><form><input name="two-factor-email-code"></form>';
					exit;
				}
				return $user;
			},
			99
		);
		break;
	case 'hostile':
		add_filter( 'pre_option_blogname', fn() => "\x1b[31mRED\x1b[0m\x07 <script>alert(1)</script> \u{202e}gnp.exe \$(id) \$(WPCLONE_CLONE_UID)" );
		break;
	case 'cut-tables':
		if ( wpclone_test_asks( 'rows' ) && wpclone_test_count( 'rows' ) % 3 === 2 ) {
			ob_start( 'wpclone_test_cut' );
		}
		break;
	case 'cut-files':
		if ( wpclone_test_asks( 'fetch' ) && wpclone_test_count( 'fetch' ) % 3 === 2 ) {
			ob_start( 'wpclone_test_cut' );
		}
		break;
	case 'dying':
		if ( wpclone_test_asks( 'fetch' ) ) {
			wpclone_test_count( 'dead' );
		}
		if ( file_exists( sys_get_temp_dir() . '/wpclone-test-dead' ) ) {
			http_response_code( 502 );
			echo '<title>502 Bad Gateway</title>';
			exit;
		}
		break;
}
