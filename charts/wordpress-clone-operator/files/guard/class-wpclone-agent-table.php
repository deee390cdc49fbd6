<?php
/**
 * Knows one table: its columns, its key, and which rows of it belong to the copy.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Described from the server's own words, never from a name it was not asked about.
 */
final class WPClone_Agent_Table {

	/**
	 * Name.
	 *
	 * @var string
	 */
	public $name;

	/**
	 * Columns that are copied, by name.
	 *
	 * @var array<string,WPClone_Agent_Column>
	 */
	public $columns = array();

	/**
	 * Columns of the key by which the table is paged; empty if it has none that can be trusted.
	 *
	 * @var string[]
	 */
	public $key = array();

	/**
	 * The table, if it is one of the site's own.
	 *
	 * @param string $name Name from a request, not trusted.
	 */
	public static function find( string $name ): self {
		if ( ! in_array( $name, WPClone_Agent_Tables::names(), true ) ) {
			throw new WPClone_Agent_Failure( 'table', 'This table does not belong to the site, or is gone.' );
		}
		return new self( $name );
	}

	/**
	 * Reads columns and key.
	 *
	 * @param string $name Name of an existing table.
	 */
	private function __construct( string $name ) {
		$this->name = $name;
		$database   = WPClone_Agent_Database::get();
		foreach ( $database->all( 'SHOW FULL COLUMNS FROM ' . $this->quoted() ) as $row ) {
			$column = new WPClone_Agent_Column( array_change_key_case( $row ), $database->charset() );
			if ( ! $column->generated ) {
				$this->columns[ $column->name ] = $column;
			}
		}
		$this->key = $this->choose_key( $database->all( 'SHOW INDEX FROM ' . $this->quoted() ) );
	}

	/**
	 * The name, quoted.
	 */
	public function quoted(): string {
		return WPClone_Agent_Database::name( $this->name );
	}

	/**
	 * The real CREATE TABLE statement in UTF-8, whatever the site's connection speaks.
	 */
	public function ddl(): string {
		$database = WPClone_Agent_Database::get();
		$site     = $database->value( 'SELECT @@character_set_results' );
		$database->execute( 'SET character_set_results = utf8mb4' );
		try {
			$row = $database->all( 'SHOW CREATE TABLE ' . $this->quoted() );
		} finally {
			$database->execute( 'SET character_set_results = ' . ( null === $site ? 'NULL' : $site ) );
		}
		return (string) $row[0]['Create Table'];
	}

	/**
	 * The condition for rows that belong to the copy: nothing of ours, nothing younger than the marks.
	 *
	 * @param array $limits Highest value by column.
	 */
	public function condition( array $limits ): string {
		global $wpdb;
		$parts = array( '1' );
		foreach ( $limits as $column => $highest ) {
			if ( isset( $this->columns[ $column ] ) && 1 === preg_match( '/^[0-9]{1,20}$/D', (string) $highest ) ) {
				$parts[] = WPClone_Agent_Database::name( $column ) . ' <= ' . $highest;
			}
		}
		if ( $this->name === $wpdb->options ) {
			$parts[] = "option_name NOT LIKE 'wpclone\\_agent\\_%'";
		}
		return implode( ' AND ', $parts );
	}

	/**
	 * The column that an integer primary key consists of, or null.
	 */
	public function single_integer_key(): ?string {
		if ( 1 !== count( $this->key ) || 1 !== preg_match( '/int$/', $this->columns[ $this->key[0] ]->type ) ) {
			return null;
		}
		return $this->key[0];
	}

	/**
	 * A digest of a whole row, for tables without a key.
	 */
	public function digest(): string {
		$parts = array();
		foreach ( $this->columns as $column ) {
			$parts[] = "IFNULL(MD5({$column->expression()}),'-')";
		}
		return 'MD5(CONCAT(' . implode( ',', $parts ) . '))';
	}

	/**
	 * Picks the primary key, or else a unique index without nulls, if its order can be relied on.
	 *
	 * @param array $index Rows of SHOW INDEX.
	 * @return string[]
	 */
	private function choose_key( array $index ): array {
		$keys = array();
		foreach ( $index as $row ) {
			$row  = array_change_key_case( $row );
			$name = (string) $row['key_name'];
			if ( '0' !== (string) $row['non_unique'] ) {
				continue;
			}
			$column = (string) $row['column_name'];
			$usable = 'YES' !== $row['null'] && isset( $this->columns[ $column ] ) && self::is_ordered( $this->columns[ $column ] );

			$keys[ $name ]   = isset( $keys[ $name ] ) ? $keys[ $name ] : array();
			$keys[ $name ][] = $usable ? $column : null;
		}
		if ( isset( $keys['PRIMARY'] ) ) {
			$keys = array( 'PRIMARY' => $keys['PRIMARY'] ) + $keys;
		}
		foreach ( $keys as $columns ) {
			if ( ! in_array( null, $columns, true ) ) {
				return $columns;
			}
		}
		return array();
	}

	/**
	 * Whether comparing with a literal follows the order of the index: not so for ENUM, SET and floats.
	 *
	 * @param WPClone_Agent_Column $column Column.
	 */
	private static function is_ordered( WPClone_Agent_Column $column ): bool {
		return 1 === preg_match( '/^(tinyint|smallint|mediumint|int|integer|bigint|decimal|numeric|char|varchar|binary|varbinary|date|datetime|timestamp)$/', $column->type )
			&& WPClone_Agent_Column::FOREIGN !== $column->kind;
	}
}
