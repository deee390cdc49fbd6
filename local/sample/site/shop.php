<?php
/**
 * Stocks a small shop: products, orders as posts and the same orders in tables of their own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Stocks the shop.
 *
 * @param array $profile What to make.
 */
function shop( array $profile ): int {
	$products = array();
	for ( $i = 1; $i <= $profile['products']; $i++ ) {
		$products[] = product( $i );
	}
	for ( $i = 1; $i <= $profile['orders']; $i++ ) {
		order( $i, $profile, $products );
	}
	update_option(
		'woocommerce_acmepay_settings',
		array( 'enabled' => 'yes', 'testmode' => 'no', 'api_key' => 'not-a-key', 'webhook' => home_url( '/wc-api/acmepay/' ) )
	);
	return $profile['orders'];
}

/**
 * One product with a price and a picture.
 *
 * @param int $number Its number.
 */
function product( int $number ): int {
	$id = save(
		moment( 12 * $number ) + array(
			'post_type'    => 'acme_product',
			'post_title'   => ucfirst( pick( KINDS ) ) . ' ' . pick( NOUNS ) . ' ' . $number,
			'post_content' => article( $number ),
		)
	);
	set_post_thumbnail( $id, pick( pictures() ) );
	update_post_meta( $id, '_price', sprintf( '%.2f', mt_rand( 200, 9900 ) / 100 ) );
	update_post_meta( $id, '_gallery', array_map( 'wp_get_attachment_url', array( pick( pictures() ), pick( pictures() ) ) ) );
	return $id;
}

/**
 * One order: a post with its meta, and rows in the order tables.
 *
 * @param int   $number   Its number.
 * @param array $profile  What to make.
 * @param int[] $products What can be bought.
 */
function order( int $number, array $profile, array $products ): void {
	global $wpdb;
	$customer = mt_rand( 2, $profile['users'] );
	$product  = pick( $products );
	$total    = (float) get_post_meta( $product, '_price', true ) * mt_rand( 1, 4 );
	$when     = moment( 20 * $number );
	$id       = save(
		$when + array(
			'post_type'   => 'acme_order',
			'post_title'  => 'Order &ndash; ' . $when['post_date'],
			'post_name'   => 'order-' . $number,
			'post_author' => 1,
		)
	);
	update_post_meta( $id, '_customer_user', $customer );
	update_post_meta( $id, '_billing_email', sprintf( 'person%04d@customers.example', $customer ) );
	update_post_meta( $id, '_order_total', sprintf( '%.2f', $total ) );
	$wpdb->insert(
		$wpdb->prefix . 'acme_orders',
		array(
			'id'               => $id,
			'status'           => pick( array( 'acme-completed', 'acme-processing', 'acme-refunded' ) ),
			'customer_id'      => $customer,
			'total_amount'     => sprintf( '%.8f', $total ),
			'date_created_gmt' => $when['post_date_gmt'],
			'customer_note'    => 0 === $number % 6 ? sentence() . "\nPlease see " . home_url( '/imprint/' ) : '',
		)
	);
	$wpdb->insert(
		$wpdb->prefix . 'acme_orders_meta',
		array(
			'order_id'   => $id,
			'meta_key'   => '_acme_invoice',
			'meta_value' => serialize( array( 'url' => home_url( '/invoices/' . $number . '.pdf' ), 'lines' => array( array( 'product' => get_permalink( $product ), 'total' => $total ) ) ) ),
		)
	);
}
