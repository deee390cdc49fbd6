<?php
// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Installs an empty WordPress into the database named by the environment, with WordPress' own
 * function, and takes out of it what belongs to one installation only.
 *
 * Usage: WORDPRESS=/usr/share/wordpress DB_SOCKET=… DB_NAME=… php blank_install.php
 */

declare( strict_types=1 );

error_reporting( E_ALL & ~E_DEPRECATED );
$wpclone_root              = rtrim( (string) getenv( 'WORDPRESS' ), '/' ) . '/';
$_SERVER['HTTP_HOST']      = 'blank.invalid';
$_SERVER['REQUEST_METHOD'] = 'GET';
$table_prefix              = 'wp_';
define( 'WP_INSTALLING', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_SITEURL', 'http://blank.invalid' );
define( 'DB_NAME', (string) getenv( 'DB_NAME' ) );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'DB_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'ABSPATH', $wpclone_root );
define( 'WP_CONTENT_DIR', $wpclone_root . 'wp-content' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $wpclone_name ) {
	define( $wpclone_name . '_KEY', 'unused' );
	define( $wpclone_name . '_SALT', 'unused' );
}

/**
 * Stands in for WordPress' mail: an installation made for a dump tells nobody.
 */
function wp_mail(): bool {
	return true;
}

require ABSPATH . 'wp-settings.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'Blank', 'blank', 'administrator@clone.invalid', true, '', wp_generate_password( 40 ) );

global $wpdb, $wp_version, $wp_db_version;
// The clone gets an administrator of its own, who becomes user 1 and the author of the samples.
$wpdb->query( "DELETE FROM $wpdb->users" );
$wpdb->query( "DELETE FROM $wpdb->usermeta" );
$wpdb->query( "DELETE FROM $wpdb->options WHERE option_name LIKE '%\\_transient\\_%'" );
$wpdb->query( "DELETE FROM $wpdb->options WHERE option_name IN ('cron', 'auth_key', 'auth_salt', 'logged_in_key', 'logged_in_salt', 'nonce_key', 'nonce_salt', 'secret_key')" );
// The same dump from every run.
$wpclone_then = '2026-01-01 00:00:00';
$wpdb->query( "UPDATE $wpdb->posts SET post_date = '$wpclone_then', post_date_gmt = '$wpclone_then', post_modified = '$wpclone_then', post_modified_gmt = '$wpclone_then' WHERE post_date_gmt > '2000-01-01'" );
$wpdb->query( "UPDATE $wpdb->posts SET post_date = '$wpclone_then', post_modified = '$wpclone_then', post_modified_gmt = '$wpclone_then' WHERE post_date_gmt < '2000-01-01'" );
$wpdb->query( "UPDATE $wpdb->comments SET comment_date = '$wpclone_then', comment_date_gmt = '$wpclone_then'" );
echo "-- WordPress $wp_version, database version $wp_db_version\n";
