<?php
/**
 * Plugin Name: Acme Shop
 * Description: Products and orders of the sample site, kept as real shops keep them.
 * Version: 1.4.2
 * License: GPL-2.0-or-later
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeShop
 */

defined( 'ABSPATH' ) || exit;

add_action( 'init', 'acme_shop_types' );
add_action( 'admin_menu', 'acme_shop_menu' );

/**
 * Registers products, shown to everybody, and orders, shown to nobody.
 */
function acme_shop_types(): void {
	register_post_type(
		'acme_product',
		array(
			'public'      => true,
			'label'       => 'Products',
			'has_archive' => 'shop',
			'rewrite'     => array( 'slug' => 'product' ),
			'supports'    => array( 'title', 'editor', 'thumbnail' ),
		)
	);
	register_post_type(
		'acme_order',
		array(
			'public'  => false,
			'show_ui' => true,
			'label'   => 'Orders',
		)
	);
}

/**
 * Adds the page that sends a message, as contact forms do.
 */
function acme_shop_menu(): void {
	add_management_page( 'Acme message', 'Acme message', 'manage_options', 'acme-message', 'acme_shop_message' );
}

/**
 * Sends one message when asked to and says what WordPress answered.
 */
function acme_shop_message(): void {
	if ( isset( $_POST['acme_message'] ) && check_admin_referer( 'acme-message' ) ) {
		$sent = wp_mail( 'office@acme.test', 'A message from the shop', 'Hello from ' . home_url( '/' ) );
		printf( '<div class="notice"><p id="acme-sent">%s</p></div>', esc_html( $sent ? 'sent' : 'refused' ) );
	}
	echo '<div class="wrap"><h1>Acme message</h1><form method="post">';
	wp_nonce_field( 'acme-message' );
	echo '<button class="button" name="acme_message" value="1">Send</button></form></div>';
}

/**
 * Makes the order tables, one pointing at the other.
 */
function acme_shop_tables(): void {
	global $wpdb;
	$charset = $wpdb->get_charset_collate();
	$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}acme_orders (id bigint unsigned NOT NULL, status varchar(20), customer_id bigint unsigned, total_amount decimal(26,8), date_created_gmt datetime, customer_note text, PRIMARY KEY (id), KEY customer (customer_id)) $charset" );
	$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}acme_orders_meta (id bigint unsigned NOT NULL AUTO_INCREMENT, order_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext, PRIMARY KEY (id), KEY order_id (order_id)) $charset" );
}
