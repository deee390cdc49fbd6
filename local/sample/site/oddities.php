<?php
/**
 * Adds what breaks careless copiers: hostile titles, odd tables, raw bytes, another site's tables, drop-ins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Adds it all.
 */
function oddities(): int {
	hostile_titles();
	odd_table();
	neighbour();
	odd_values();
	odd_files();
	return 5;
}

/**
 * Titles with markup, escape codes, quotes and characters that turn the reading direction.
 */
function hostile_titles(): void {
	global $wpdb;
	$titles = array(
		'<script>document.title="owned"</script>',
		"Escape \x1b[31mred\x1b[0m and bell \x07",
		"Robert'); DROP TABLE posts; -- \\' \"",
		"Turned \u{202E}around\u{202C} and zero\u{200B}width",
	);
	foreach ( $titles as $i => $title ) {
		$id = save( moment( 9000 + $i ) + array( 'post_title' => 'Odd ' . $i, 'post_content' => paragraph( sentence() ) ) );
		$wpdb->update( $wpdb->posts, array( 'post_title' => $title ), array( 'ID' => $id ) );
	}
}

/**
 * A table whose name needs quoting, without a primary key, with a zero date and binary bytes.
 */
function odd_table(): void {
	global $wpdb;
	$table = $wpdb->prefix . 'acme-visits$old';
	$wpdb->query( "CREATE TABLE `$table` (page varchar(190) NOT NULL, seen datetime NOT NULL DEFAULT '0000-00-00 00:00:00', `key` varbinary(16), KEY page (page)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" );
	for ( $i = 0; $i < 40; $i++ ) {
		$wpdb->query( $wpdb->prepare( "INSERT INTO `$table` (page, `key`) VALUES (%s, UNHEX(%s))", home_url( '/visited/' . $i % 20 ), md5( (string) $i ) ) );
	}
}

/**
 * Another WordPress in the same schema, whose prefix begins with ours: not part of this site.
 */
function neighbour(): void {
	global $wpdb;
	foreach ( array( 'options', 'posts', 'users' ) as $name ) {
		$wpdb->query( "CREATE TABLE `{$wpdb->prefix}old_$name` LIKE `{$wpdb->prefix}$name`" );
	}
	$wpdb->insert( $wpdb->prefix . 'old_options', array( 'option_name' => 'siteurl', 'option_value' => 'https://old.acme.test', 'autoload' => 'yes' ) );
}

/**
 * Values that look serialized and are not, that were broken long ago, and that are large.
 */
function odd_values(): void {
	global $wpdb;
	$home   = home_url( '/' );
	$values = array(
		'acme_broken' => 's:99:"' . $home . '";',
		'acme_almost' => 'a:1:{not really',
		'acme_empty'  => '',
		'acme_large'  => str_repeat( "line with $home inside\n", 4000 ),
	);
	foreach ( $values as $name => $value ) {
		$wpdb->insert( $wpdb->options, array( 'option_name' => $name, 'option_value' => $value, 'autoload' => 'no' ) );
	}
}

/**
 * Files with odd names, a cache nobody wants and root files that belong to the site.
 */
function odd_files(): void {
	$odd = WP_CONTENT_DIR . '/uploads/acme/odd';
	wp_mkdir_p( $odd );
	wp_mkdir_p( WP_CONTENT_DIR . '/cache' );
	// WordPress leaves this behind once a plugin was installed, as on any site that lives.
	wp_mkdir_p( WP_CONTENT_DIR . '/upgrade' );
	file_put_contents( WP_CONTENT_DIR . '/upgrade/index.php', "<?php\n// Silence is golden.\n" );
	file_put_contents( $odd . "/with space & 'quote' (1).txt", "one\n" );
	file_put_contents( $odd . "/latin-\xe9t\xe9.txt", "two\n" );
	file_put_contents( $odd . '/empty.txt', '' );
	file_put_contents( WP_CONTENT_DIR . '/cache/page.html', "stale\n" );
	file_put_contents( ABSPATH . 'robots.txt', "User-agent: *\nDisallow: /shop/basket/\nSitemap: " . home_url( '/wp-sitemap.xml' ) . "\n" );
	file_put_contents( ABSPATH . 'ads.txt', "# nothing\n" );
}
