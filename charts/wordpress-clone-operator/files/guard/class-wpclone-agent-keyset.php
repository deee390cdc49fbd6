<?php
/**
 * Pages a table by its key: each page begins after the last key of the one before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Unlike an offset this costs the same on every page, and rows that come or go do not shift it.
 */
final class WPClone_Agent_Keyset {

	/**
	 * The table.
	 *
	 * @var WPClone_Agent_Table
	 */
	private $table;

	/**
	 * Rows that belong to the copy.
	 *
	 * @var string
	 */
	private $condition;

	/**
	 * Key of the last row, or null at the start.
	 *
	 * @var array|null
	 */
	private $last = null;

	/**
	 * Prepares.
	 *
	 * @param WPClone_Agent_Table $table     Table with a key.
	 * @param string              $condition Rows that belong to the copy.
	 * @param array|null          $cursor    Point to resume at.
	 */
	public function __construct( WPClone_Agent_Table $table, string $condition, ?array $cursor ) {
		$this->table     = $table;
		$this->condition = $condition;
		if ( null !== $cursor ) {
			$this->last = self::decode( $table, $cursor );
		}
	}

	/**
	 * How many columns in front of each row are its key.
	 */
	public function width(): int {
		return count( $this->table->key );
	}

	/**
	 * The query for the next page.
	 *
	 * @param string $selected What to select after the key.
	 * @param int    $limit    Rows at most.
	 */
	public function query( string $selected, int $limit ): string {
		$keys  = implode( ',', array_map( array( 'WPClone_Agent_Database', 'name' ), $this->table->key ) );
		$where = $this->condition . ( null === $this->last ? '' : ' AND ' . $this->after( $this->last ) );
		return "SELECT $keys,$selected FROM {$this->table->quoted()} WHERE $where ORDER BY $keys LIMIT $limit";
	}

	/**
	 * Notes that a row was sent.
	 *
	 * @param array $key Its key.
	 */
	public function advance( array $key ): void {
		$this->last = $key;
	}

	/**
	 * The point to resume at.
	 *
	 * @return array<string,string[]>
	 */
	public function cursor(): array {
		return array( 'key' => array_map( 'base64_encode', (array) $this->last ) );
	}

	/**
	 * Whether the cursor is good in the middle of a page.
	 */
	public function may_stop(): bool {
		return true;
	}

	/**
	 * Whether another page may follow.
	 *
	 * @param int $seen  Rows of the page that just ended.
	 * @param int $limit Rows that it might have had.
	 */
	public function has_more( int $seen, int $limit ): bool {
		return $seen >= $limit;
	}

	/**
	 * The condition for one row.
	 *
	 * @param WPClone_Agent_Table $table  Table with a key.
	 * @param array               $cursor Its key, as `cursor()` writes it.
	 */
	public static function exactly( WPClone_Agent_Table $table, array $cursor ): string {
		$parts = array();
		foreach ( self::decode( $table, $cursor ) as $at => $value ) {
			$parts[] = self::compare( $table, $at, '=', $value );
		}
		return implode( ' AND ', $parts );
	}

	/**
	 * The condition for rows after a key, written out so that every server uses the index.
	 *
	 * @param array $key Values.
	 */
	private function after( array $key ): string {
		$choices = array();
		$equal   = array();
		foreach ( $key as $at => $value ) {
			$choices[] = '(' . implode( ' AND ', array_merge( $equal, array( self::compare( $this->table, $at, '>', $value ) ) ) ) . ')';
			$equal[]   = self::compare( $this->table, $at, '=', $value );
		}
		return self::compare( $this->table, 0, '>=', $key[0] ) . ' AND (' . implode( ' OR ', $choices ) . ')';
	}

	/**
	 * Compares one column of the key.
	 *
	 * @param WPClone_Agent_Table $table    Table.
	 * @param int                 $at       Position in the key.
	 * @param string              $operator Operator.
	 * @param string              $value    Value.
	 */
	private static function compare( WPClone_Agent_Table $table, int $at, string $operator, string $value ): string {
		$column  = $table->columns[ $table->key[ $at ] ];
		if ( WPClone_Agent_Column::NUMBER === $column->kind ) {
			$literal = $column->literal( $value );
		} else {
			$literal = WPClone_Agent_Column::BINARY === $column->kind ? "X'" . bin2hex( $value ) . "'" : WPClone_Agent_Database::get()->quote( $value );
		}
		return WPClone_Agent_Database::name( $column->name ) . $operator . $literal;
	}

	/**
	 * Reads a key from a cursor.
	 *
	 * @param WPClone_Agent_Table $table  Table.
	 * @param array               $cursor From a request, not trusted.
	 * @return string[]
	 */
	private static function decode( WPClone_Agent_Table $table, array $cursor ): array {
		$key = array();
		foreach ( isset( $cursor['key'] ) ? (array) $cursor['key'] : array() as $value ) {
			$key[] = (string) base64_decode( (string) $value, true );
		}
		if ( count( $key ) !== count( $table->key ) ) {
			throw new WPClone_Agent_Failure( 'cursor', 'The key of this table has changed.' );
		}
		return $key;
	}
}
