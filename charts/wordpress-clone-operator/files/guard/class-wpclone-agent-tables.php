<?php
/**
 * Lists the site's own tables, parents before children, with their real size and statement.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Several sites may share a schema: a table belongs to the longest prefix that fits it.
 */
final class WPClone_Agent_Tables {

	/**
	 * Writes the list, from a cursor on, while the budget lasts: counting takes its time.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function write( WPClone_Agent_Reply $reply ): void {
		$args  = $reply->message->args;
		$names = WPClone_Agent_Marks::in_order( self::names() );
		$marks = isset( $args['marks'] ) && is_array( $args['marks'] ) ? $args['marks'] : array();
		$after = isset( $args['cursor']['after'] ) ? array_search( $args['cursor']['after'], $names, true ) : -1;
		if ( false === $after ) {
			throw new WPClone_Agent_Failure( 'table', 'The list of tables has changed.' );
		}
		$bytes = self::sizes();
		$count = count( $names );
		for ( $at = $after + 1; $at < $count; $at++ ) {
			$reply->json( 'T', self::describe( $names[ $at ], $marks, isset( $bytes[ $names[ $at ] ] ) ? $bytes[ $names[ $at ] ] : 0 ) );
			if ( $at + 1 < $count && $reply->budget->is_spent() ) {
				$reply->cursor( array( 'after' => $names[ $at ] ) );
				return;
			}
		}
		$reply->cursor( null );
	}

	/**
	 * Names of the site's own base tables.
	 *
	 * @return string[]
	 */
	public static function names(): array {
		return self::of_kind( 'BASE TABLE' );
	}

	/**
	 * Names of the site's own views.
	 *
	 * @return string[]
	 */
	public static function views(): array {
		return self::of_kind( 'VIEW' );
	}

	/**
	 * Names of the triggers on the site's own tables.
	 *
	 * @return string[]
	 */
	public static function triggers(): array {
		$names = array();
		$own   = array_flip( self::names() );
		foreach ( WPClone_Agent_Database::get()->all( 'SHOW TRIGGERS' ) as $row ) {
			if ( isset( $own[ $row['Table'] ] ) ) {
				$names[] = (string) $row['Trigger'];
			}
		}
		return $names;
	}

	/**
	 * Bytes of data and indexes by table.
	 *
	 * @return array<string,int>
	 */
	public static function sizes(): array {
		$bytes = array();
		foreach ( WPClone_Agent_Database::get()->all( 'SHOW TABLE STATUS' ) as $row ) {
			$bytes[ (string) $row['Name'] ] = (int) $row['Data_length'] + (int) $row['Index_length'];
		}
		return $bytes;
	}

	/**
	 * One table's entry. The count is the server's own, not its estimate.
	 *
	 * @param string $name  Table.
	 * @param array  $marks Highest key by table, from the manifest.
	 * @param int    $bytes Its size.
	 * @return array<string,mixed>
	 */
	private static function describe( string $name, array $marks, int $bytes ): array {
		$table  = WPClone_Agent_Table::find( $name );
		$limits = WPClone_Agent_Marks::limits( $table, $marks );
		$count  = WPClone_Agent_Database::get()->value( 'SELECT COUNT(*) FROM ' . $table->quoted() . ' WHERE ' . $table->condition( $limits ) );
		return array(
			'name'   => $name,
			'rows'   => (int) $count,
			'bytes'  => $bytes,
			'ddl'    => base64_encode( $table->ddl() ),
			'limits' => (object) $limits,
		);
	}

	/**
	 * The site's own tables or views.
	 *
	 * @param string $kind `BASE TABLE` or `VIEW`.
	 * @return string[]
	 */
	private static function of_kind( string $kind ): array {
		global $wpdb;
		$all = array();
		foreach ( WPClone_Agent_Database::get()->rows( 'SHOW FULL TABLES' ) as $row ) {
			$all[ (string) $row[0] ] = (string) $row[1];
		}
		$prefixes = self::prefixes( array_keys( $all ) );
		$own      = array();
		foreach ( $all as $name => $type ) {
			if ( $kind === $type && self::owner( (string) $name, $prefixes ) === $wpdb->base_prefix ) {
				$own[] = (string) $name;
			}
		}
		return $own;
	}

	/**
	 * Prefixes of all sites in the schema, longest first.
	 *
	 * @param string[] $names All names.
	 * @return string[]
	 */
	private static function prefixes( array $names ): array {
		global $wpdb;
		$known    = array_flip( $names );
		$prefixes = array( $wpdb->base_prefix => true );
		foreach ( $names as $name ) {
			if ( 'options' === substr( $name, -7 ) ) {
				$prefix = substr( $name, 0, -7 );
				if ( isset( $known[ $prefix . 'posts' ], $known[ $prefix . 'users' ] ) ) {
					$prefixes[ $prefix ] = true;
				}
			}
		}
		$prefixes = array_map( 'strval', array_keys( $prefixes ) );
		usort(
			$prefixes,
			static function ( string $a, string $b ): int {
				return strlen( $b ) - strlen( $a );
			}
		);
		return $prefixes;
	}

	/**
	 * The longest prefix that fits a name.
	 *
	 * @param string   $name     Table.
	 * @param string[] $prefixes Longest first.
	 */
	private static function owner( string $name, array $prefixes ): ?string {
		foreach ( $prefixes as $prefix ) {
			if ( 0 === strncmp( $name, $prefix, strlen( $prefix ) ) ) {
				return $prefix;
			}
		}
		return null;
	}
}
