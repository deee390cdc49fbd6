<?php
/**
 * Starts WordPress on the command line and installs it with the theme and plugin of the sample.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/** The moment the sample's story begins; every date of the site is counted from here. */
const BEGINNING = 1704103200;

/**
 * Loads WordPress as if the site had been asked for its front page.
 *
 * @param string $root    Document root.
 * @param array  $profile What to make, and for which address.
 */
function boot( string $root, array $profile ): void {
	$parts                      = parse_url( $profile['url'] );
	$_SERVER['HTTP_HOST']       = $parts['host'] . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' );
	$_SERVER['SERVER_NAME']     = $parts['host'];
	$_SERVER['REQUEST_URI']     = '/';
	$_SERVER['REQUEST_METHOD']  = 'GET';
	$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
	if ( 'https' === $parts['scheme'] ) {
		$_SERVER['HTTPS'] = 'on';
	}
	// Before the installation there is no option to take it from, and media addresses would have no host.
	define( 'WP_CONTENT_URL', $profile['url'] . '/wp-content' );
	define( 'WP_INSTALLING', true );
	define( 'DISABLE_WP_CRON', true );
	require __DIR__ . '/pluggable.php';
	load( $root );
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	require_once ABSPATH . 'wp-admin/includes/image.php';
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
}

/**
 * Includes WordPress with the global variables that it expects to own.
 *
 * @param string $root Document root.
 */
function load( string $root ): void {
	foreach ( array( 'wpdb', 'wp', 'wp_query', 'wp_the_query', 'wp_rewrite', 'wp_filter', 'wp_locale', 'table_prefix' ) as $name ) {
		global $$name;
	}
	require_once $root . '/wp-load.php';
}

/**
 * Runs WordPress' own installation, then turns the theme, the plugin and pretty addresses on.
 *
 * @param array $profile What to make.
 */
function install( array $profile ): int {
	wp_install( $profile['title'], $profile['admin'], $profile['email'], true, '', 'unusable' );
	wp_set_current_user( 1 );
	kses_remove_filters();
	update_option( 'siteurl', $profile['url'] );
	update_option( 'home', $profile['url'] );
	update_option( 'blogdescription', 'Paper, ink and the people who use them' );
	update_option( 'permalink_structure', '/%year%/%monthnum%/%postname%/' );
	update_option( 'timezone_string', 'Europe/Berlin' );
	foreach ( get_posts( array( 'post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1 ) ) as $post ) {
		wp_delete_post( $post->ID, true );
	}
	switch_theme( 'acme-paper' );
	// Else the first visitor's request would reset menus and widgets as after a change of themes.
	delete_option( 'theme_switched' );
	require_once WP_PLUGIN_DIR . '/acme-shop/acme-shop.php';
	update_option( 'active_plugins', array( 'acme-shop/acme-shop.php' ) );
	require_once get_template_directory() . '/functions.php';
	acme_paper_sidebars();
	acme_shop_types();
	acme_shop_tables();
	$GLOBALS['wp_rewrite']->init();
	return 1;
}

/**
 * Leaves the rewrite rules to the first visitor (here they would lack what the plugin registers), and
 * drops the errands that publishing gives WordPress' clock: the world that they would ping is not there.
 */
function finish(): int {
	delete_option( 'rewrite_rules' );
	delete_metadata( 'post', 0, '_pingme', '', true );
	delete_metadata( 'post', 0, '_encloseme', '', true );
	wp_unschedule_hook( 'do_pings' );
	return 1;
}

/**
 * A moment of the story as the two columns WordPress keeps.
 *
 * @param int $hours Hours since the beginning.
 * @return array{post_date: string, post_date_gmt: string}
 */
function moment( int $hours ): array {
	$then = BEGINNING + 3600 * $hours;
	return array(
		'post_date'     => wp_date( 'Y-m-d H:i:s', $then ),
		'post_date_gmt' => gmdate( 'Y-m-d H:i:s', $then ),
	);
}
