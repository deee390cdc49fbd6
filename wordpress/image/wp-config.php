<?php
/**
 * WordPress' configuration, from the environment alone, read at every call.
 *
 * It lies in the image one level above the document root, where WordPress looks second: nothing on the
 * volume has to be written or can be edited (P3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/**
 * A variable of the environment, or the contents of the file that NAME_FILE points to.
 */
function wpclone_env( string $name, string $fallback = '' ): string {
	$file = getenv( $name . '_FILE', true );
	if ( false !== $file && '' !== $file ) {
		return rtrim( (string) file_get_contents( $file ), "\r\n" );
	}
	$value = getenv( $name, true );
	return false === $value ? $fallback : $value;
}

/**
 * Whether the database server offers TLS, from the first packet it sends; asked once per pod.
 */
function wpclone_database_offers_tls( string $server ): bool {
	$cache = '/tmp/wpclone-database-tls';
	if ( is_file( $cache ) ) {
		return 'yes' === file_get_contents( $cache );
	}
	$parts  = explode( ':', $server );
	$socket = fsockopen( $parts[0], (int) ( $parts[1] ?? 3306 ), $code, $message, 2.0 );
	if ( false === $socket ) {
		return false;
	}
	stream_set_timeout( $socket, 2 );
	$greeting = (string) fread( $socket, 512 );
	fclose( $socket );
	// Length and number (4), protocol version 10 (1), version text up to NUL, thread (4), salt (8), filler (1), capabilities.
	$end = strpos( $greeting, "\0", 5 );
	if ( false === $end || strlen( $greeting ) < $end + 16 || "\n" !== $greeting[4] ) {
		return false;
	}
	$offers = 0 !== ( unpack( 'v', $greeting, $end + 14 )[1] & 0x0800 );
	file_put_contents( $cache, $offers ? 'yes' : 'no' );
	return $offers;
}

define( 'DB_NAME', wpclone_env( 'WORDPRESS_DB_NAME', 'wordpress' ) );
define( 'DB_USER', wpclone_env( 'WORDPRESS_DB_USER', 'wordpress' ) );
define( 'DB_PASSWORD', wpclone_env( 'WORDPRESS_DB_PASSWORD' ) );
define( 'DB_HOST', wpclone_env( 'WORDPRESS_DB_HOST', 'mysql' ) );
define( 'DB_CHARSET', wpclone_env( 'WORDPRESS_DB_CHARSET', 'utf8mb4' ) );
define( 'DB_COLLATE', wpclone_env( 'WORDPRESS_DB_COLLATE' ) );
$table_prefix = wpclone_env( 'WORDPRESS_TABLE_PREFIX', 'wp_' );

// One secret of the clone makes all eight; the source's own are never copied.
foreach ( array( 'AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT' ) as $wpclone_name ) {
	$wpclone_secret = wpclone_env( 'WPCLONE_SALT', wpclone_env( 'WORDPRESS_DB_PASSWORD' ) );
	define( $wpclone_name, wpclone_env( 'WORDPRESS_' . $wpclone_name, hash_hmac( 'sha256', $wpclone_name, $wpclone_secret ) ) );
}
unset( $wpclone_name, $wpclone_secret );

// For use behind a proxy without the guard, which decides by the clone's address.
if ( 'https' === strtolower( $_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '' ) ) {
	$_SERVER['HTTPS'] = 'on';
}

if ( '' !== wpclone_env( 'WORDPRESS_CONFIG_EXTRA' ) ) {
	// The official image's contract: whoever starts the container may add lines of PHP.
	eval( wpclone_env( 'WORDPRESS_CONFIG_EXTRA' ) ); // phpcs:ignore Squiz.PHP.Eval.Discouraged
}

if ( '' !== wpclone_env( 'WPCLONE_TARGET_URL' ) ) {
	defined( 'WP_HOME' ) || define( 'WP_HOME', rtrim( wpclone_env( 'WPCLONE_TARGET_URL' ), '/' ) );
	defined( 'WP_SITEURL' ) || define( 'WP_SITEURL', WP_HOME );
}
defined( 'WP_DEBUG' ) || define( 'WP_DEBUG', '' !== wpclone_env( 'WORDPRESS_DEBUG' ) );
defined( 'WP_ENVIRONMENT_TYPE' ) || define( 'WP_ENVIRONMENT_TYPE', wpclone_env( 'WP_ENVIRONMENT_TYPE', 'staging' ) );
defined( 'FS_METHOD' ) || define( 'FS_METHOD', 'direct' );
if ( ! defined( 'MYSQL_CLIENT_FLAGS' ) && wpclone_database_offers_tls( DB_HOST ) ) {
	define( 'MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT );
}

defined( 'ABSPATH' ) || define( 'ABSPATH', '/var/www/html/' );
require_once ABSPATH . 'wp-settings.php';
