<?php
/**
 * Pages a table that has no key by a digest of its rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Equal rows have equal digests and stay on one page, so none is lost and none comes twice,
 * whatever is written meanwhile. Each page reads the table twice; such tables are small.
 */
final class WPClone_Agent_Digests {

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
	 * Last digest of the page before; '' at the start, which sorts before every digest.
	 *
	 * @var string
	 */
	private $last = '';

	/**
	 * Last digest of this page.
	 *
	 * @var string
	 */
	private $end = '';

	/**
	 * Whether this page was full.
	 *
	 * @var bool
	 */
	private $full = false;

	/**
	 * Prepares.
	 *
	 * @param WPClone_Agent_Table $table     Table.
	 * @param string              $condition Rows that belong to the copy.
	 * @param array|null          $cursor    Point to resume at.
	 */
	public function __construct( WPClone_Agent_Table $table, string $condition, ?array $cursor ) {
		$this->table     = $table;
		$this->condition = $condition;
		if ( null !== $cursor ) {
			$this->last = self::check( isset( $cursor['digest'] ) ? (string) $cursor['digest'] : '' );
		}
	}

	/**
	 * How many columns in front of each row are its key.
	 */
	public function width(): int {
		return 1;
	}

	/**
	 * The query for the next page: first its end is looked for.
	 *
	 * @param string $selected What to select after the digest.
	 * @param int    $limit    Digests at most.
	 */
	public function query( string $selected, int $limit ): string {
		$digest = $this->table->digest();
		$from   = "{$this->table->quoted()} WHERE {$this->condition}";
		$ends   = "SELECT DISTINCT d FROM (SELECT $digest AS d FROM $from) AS digests WHERE d > '{$this->last}' ORDER BY d LIMIT $limit";
		$count  = 0;
		foreach ( WPClone_Agent_Database::get()->rows( $ends ) as $row ) {
			$this->end = (string) $row[0];
			++$count;
		}
		$this->full = $count >= $limit;
		if ( 0 === $count ) {
			$this->end = $this->last;
		}
		return "SELECT $digest,$selected FROM $from AND $digest > '{$this->last}' AND $digest <= '{$this->end}'";
	}

	/**
	 * Notes that a row was sent; only a whole page counts.
	 *
	 * @param array $key Its digest.
	 */
	public function advance( array $key ): void {
	}

	/**
	 * The point to resume at.
	 *
	 * @return array<string,string>
	 */
	public function cursor(): array {
		return array( 'digest' => $this->last );
	}

	/**
	 * Whether the cursor is good in the middle of a page.
	 */
	public function may_stop(): bool {
		return false;
	}

	/**
	 * Ends the page; returns whether another may follow.
	 *
	 * @param int $seen  Rows of the page that just ended.
	 * @param int $limit Digests that it might have had.
	 */
	public function has_more( int $seen, int $limit ): bool {
		$this->last = $this->end;
		return $this->full;
	}

	/**
	 * The condition for one row.
	 *
	 * @param WPClone_Agent_Table $table  Table.
	 * @param array               $cursor Holds the digest in `key`.
	 */
	public static function exactly( WPClone_Agent_Table $table, array $cursor ): string {
		$digest = isset( $cursor['key'][0] ) ? (string) base64_decode( (string) $cursor['key'][0], true ) : '';
		return $table->digest() . " = '" . self::check( $digest ) . "'";
	}

	/**
	 * A digest from a request.
	 *
	 * @param string $digest Not trusted.
	 */
	private static function check( string $digest ): string {
		if ( 1 !== preg_match( '/^[0-9a-f]{32}$/D', $digest ) ) {
			throw new WPClone_Agent_Failure( 'cursor', 'The key of this table has changed.' );
		}
		return $digest;
	}
}
