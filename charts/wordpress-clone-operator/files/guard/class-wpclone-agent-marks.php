<?php
/**
 * Takes high-water marks, so that rows written during an export leave no orphans in the copy.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * The copy holds what existed when it began: rows up to each table's mark, and no child whose
 * parent is above its parent's mark. Some children point higher from the start (terms of users in
 * `term_relationships`, rows whose parent was deleted): their own mark is the limit then.
 */
final class WPClone_Agent_Marks {

	// Parents first; names without the prefix. What is not named here follows in alphabetical order.
	const ORDER = array( 'users', 'usermeta', 'terms', 'termmeta', 'term_taxonomy', 'posts', 'postmeta', 'comments', 'commentmeta', 'term_relationships', 'links', 'options', 'wc_orders', 'woocommerce_order_items' );

	// Child column => parent table. WooCommerce takes the identifiers of its orders from `posts`.
	const PARENTS = array(
		'usermeta'                  => array( 'user_id' => 'users' ),
		'termmeta'                  => array( 'term_id' => 'terms' ),
		'term_taxonomy'             => array( 'term_id' => 'terms' ),
		'term_relationships'        => array(
			'object_id'        => 'posts',
			'term_taxonomy_id' => 'term_taxonomy',
		),
		'postmeta'                  => array( 'post_id' => 'posts' ),
		'comments'                  => array( 'comment_post_ID' => 'posts' ),
		'commentmeta'               => array( 'comment_id' => 'comments' ),
		'wc_orders'                 => array( 'id' => 'posts' ),
		'wc_orders_meta'            => array( 'order_id' => 'posts' ),
		'wc_order_addresses'        => array( 'order_id' => 'posts' ),
		'wc_order_operational_data' => array( 'order_id' => 'posts' ),
		'wc_order_stats'            => array( 'order_id' => 'posts' ),
		'wc_order_product_lookup'   => array( 'order_id' => 'posts' ),
		'wc_order_tax_lookup'       => array( 'order_id' => 'posts' ),
		'wc_order_coupon_lookup'    => array( 'order_id' => 'posts' ),
		'woocommerce_order_items'   => array( 'order_id' => 'posts' ),
		'woocommerce_order_itemmeta' => array( 'order_item_id' => 'woocommerce_order_items' ),
	);

	/**
	 * The highest key of every table that has an integer key, and the highest parent that a child names.
	 *
	 * @return array<string,string>
	 */
	public static function take(): array {
		$marks    = array();
		$database = WPClone_Agent_Database::get();
		foreach ( WPClone_Agent_Tables::names() as $name ) {
			$table = WPClone_Agent_Table::find( $name );
			$key   = $table->single_integer_key();
			if ( null !== $key ) {
				$marks[ $name ] = self::highest( $table, $key );
			}
			foreach ( array_keys( self::parents( $name ) ) as $column ) {
				if ( isset( $table->columns[ $column ] ) ) {
					$marks[ "$name.$column" ] = self::highest( $table, $column );
				}
			}
		}
		return $marks;
	}

	/**
	 * The limits that follow from the marks for one table: highest value by column.
	 *
	 * @param WPClone_Agent_Table $table Table.
	 * @param array               $marks What `take()` returned.
	 * @return array<string,string>
	 */
	public static function limits( WPClone_Agent_Table $table, array $marks ): array {
		$limits = array();
		foreach ( self::parents( $table->name ) as $column => $parent ) {
			if ( isset( $marks[ $parent ], $table->columns[ $column ] ) ) {
				$own               = isset( $marks[ "$table->name.$column" ] ) ? (int) $marks[ "$table->name.$column" ] : 0;
				$limits[ $column ] = (string) max( (int) $marks[ $parent ], $own );
			}
		}
		$key = $table->single_integer_key();
		if ( null !== $key && isset( $marks[ $table->name ] ) ) {
			$own            = (string) $marks[ $table->name ];
			$limits[ $key ] = isset( $limits[ $key ] ) ? (string) min( (int) $limits[ $key ], (int) $own ) : $own;
		}
		return $limits;
	}

	/**
	 * Names in the order in which they are to be read.
	 *
	 * @param string[] $names Tables.
	 * @return string[]
	 */
	public static function in_order( array $names ): array {
		global $wpdb;
		$first = array();
		foreach ( self::ORDER as $name ) {
			$first[] = $wpdb->base_prefix . $name;
		}
		sort( $names, SORT_STRING );
		return array_merge( array_values( array_intersect( $first, $names ) ), array_values( array_diff( $names, $first ) ) );
	}

	/**
	 * The highest value of a column, "0" in an empty table.
	 *
	 * @param WPClone_Agent_Table $table  Table.
	 * @param string              $column One of its columns, a number.
	 */
	private static function highest( WPClone_Agent_Table $table, string $column ): string {
		return (string) WPClone_Agent_Database::get()->value( 'SELECT IFNULL(MAX(' . WPClone_Agent_Database::name( $column ) . '),0) FROM ' . $table->quoted() );
	}

	/**
	 * Columns of a table that point to a parent, with the parent's full name.
	 *
	 * @param string $name Table.
	 * @return array<string,string>
	 */
	private static function parents( string $name ): array {
		global $wpdb;
		$short   = substr( $name, strlen( $wpdb->base_prefix ) );
		$parents = array();
		if ( isset( self::PARENTS[ $short ] ) ) {
			foreach ( self::PARENTS[ $short ] as $column => $parent ) {
				$parents[ $column ] = $wpdb->base_prefix . $parent;
			}
		}
		return $parents;
	}
}
