<?php
/**
 * Streams a table's rows as INSERT statements, a page at a time, by key.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Memory stays small whatever the table: rows are read unbuffered, and long values are left to
 * `WPClone_Agent_Value`.
 */
final class WPClone_Agent_Rows {

	// A value longer than this travels in pieces; a row stays well below any memory limit.
	const LONG_VALUE = 262144;

	// A statement is sent when it has grown to this size.
	const STATEMENT = 262144;

	const FIRST_PAGE = 100;
	const MOST_ROWS  = 5000;

	/**
	 * The reply.
	 *
	 * @var WPClone_Agent_Reply
	 */
	private $reply;

	/**
	 * The table.
	 *
	 * @var WPClone_Agent_Table
	 */
	private $table;

	/**
	 * How it is paged.
	 *
	 * @var WPClone_Agent_Keyset|WPClone_Agent_Digests
	 */
	private $pager;

	/**
	 * All columns, by position.
	 *
	 * @var WPClone_Agent_Column[]
	 */
	private $columns;

	/**
	 * Columns that may be long, by position.
	 *
	 * @var array<int,WPClone_Agent_Column>
	 */
	private $long = array();

	/**
	 * The statement that grows, without its end.
	 *
	 * @var string
	 */
	private $statement = '';

	/**
	 * Rows in it.
	 *
	 * @var int
	 */
	private $count = 0;

	/**
	 * Writes rows from a cursor on, while the budget lasts.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function write( WPClone_Agent_Reply $reply ): void {
		( new self( $reply ) )->run();
	}

	/**
	 * Prepares.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	private function __construct( WPClone_Agent_Reply $reply ) {
		$args        = $reply->message->args;
		$this->reply = $reply;
		$this->table = WPClone_Agent_Table::find( isset( $args['table'] ) ? (string) $args['table'] : '' );
		$condition   = $this->table->condition( isset( $args['limits'] ) ? (array) $args['limits'] : array() );
		$cursor      = isset( $args['cursor'] ) && is_array( $args['cursor'] ) ? $args['cursor'] : null;
		$this->pager = array() === $this->table->key
			? new WPClone_Agent_Digests( $this->table, $condition, $cursor )
			: new WPClone_Agent_Keyset( $this->table, $condition, $cursor );
		$this->columns = array_values( $this->table->columns );
		foreach ( $this->columns as $at => $column ) {
			if ( $column->may_be_long ) {
				$this->long[ $at ] = $column;
			}
		}
	}

	/**
	 * Pages until the table or the budget ends. The page grows or shrinks with what it weighed.
	 */
	private function run(): void {
		$limit = self::FIRST_PAGE;
		while ( true ) {
			$before = $this->reply->budget->left();
			if ( ! $this->page( $limit ) ) {
				$this->flush( null );
				return;
			}
			if ( $this->reply->budget->is_spent() ) {
				$this->flush( $this->pager->cursor() );
				return;
			}
			$weight = max( 1, $before - $this->reply->budget->left() + strlen( $this->statement ) );
			$limit  = max( self::FIRST_PAGE, min( self::MOST_ROWS, (int) ( $limit * min( 4, $this->reply->budget->left() / $weight ) ) ) );
		}
	}

	/**
	 * Sends one page; returns whether the table may have more.
	 *
	 * @param int $limit Rows at most.
	 */
	private function page( int $limit ): bool {
		$seen = 0;
		$keys = $this->pager->width();
		foreach ( WPClone_Agent_Database::get()->rows( $this->pager->query( $this->selected(), $limit ) ) as $row ) {
			$key   = array_splice( $row, 0, $keys );
			$flags = (string) array_shift( $row );
			if ( false !== strpos( $flags, '1' ) ) {
				$this->send_statement();
				$this->send_giant( $row, $flags, $key );
			} else {
				$this->add( $row );
			}
			++$this->count;
			++$seen;
			$this->pager->advance( $key );
			if ( '' === $this->statement || strlen( $this->statement ) >= min( self::STATEMENT, $this->reply->budget->left() ) ) {
				$this->send_statement();
				if ( $this->pager->may_stop() ) {
					$this->flush( $this->pager->cursor() );
					if ( $this->reply->budget->is_spent() ) {
						return true;
					}
				}
			}
		}
		return $this->pager->has_more( $seen, $limit );
	}

	/**
	 * What to select after the key: a string of 0 and 1 that marks long values, then all columns.
	 */
	private function selected(): string {
		$flags = array( "''" );
		foreach ( $this->long as $column ) {
			$flags[] = $column->is_long( self::LONG_VALUE );
		}
		$parts = array( 'CONCAT(' . implode( ',', $flags ) . ')' );
		foreach ( $this->table->columns as $column ) {
			$parts[] = $column->bounded( self::LONG_VALUE );
		}
		return implode( ',', $parts );
	}

	/**
	 * Adds a row to the statement.
	 *
	 * @param array $row Values in the order of the columns.
	 */
	private function add( array $row ): void {
		$values = array();
		foreach ( $this->columns as $at => $column ) {
			$values[] = $column->literal( $row[ $at ] );
		}
		$this->statement .= ( '' === $this->statement ? $this->head() : ",\n" ) . '(' . implode( ',', $values ) . ')';
	}

	/**
	 * Sends the statement, if one has begun.
	 */
	private function send_statement(): void {
		if ( '' !== $this->statement ) {
			$this->reply->frame( 'S', $this->statement . ";\n", true );
			$this->statement = '';
		}
	}

	/**
	 * Sends the statement, and the point to resume at after it.
	 *
	 * @param array|null $cursor That point; null when the table is done.
	 */
	private function flush( ?array $cursor ): void {
		$this->send_statement();
		if ( 0 < $this->count || null === $cursor ) {
			$this->reply->cursor( $cursor, $this->count );
		}
		$this->count = 0;
		$this->reply->flush();
	}

	/**
	 * Sends a row with long values as a form that the caller fills in, value by value.
	 *
	 * @param array  $row   Values; long ones are null.
	 * @param string $flags Which of the long columns are long here.
	 * @param array  $key   Key of the row.
	 */
	private function send_giant( array $row, string $flags, array $key ): void {
		$long    = array_keys( $this->long );
		$parts   = array();
		foreach ( $this->columns as $at => $column ) {
			$mark = array_search( $at, $long, true );
			if ( false !== $mark && '1' === $flags[ $mark ] ) {
				$parts[] = array(
					'column' => $column->name,
					'form'   => $column->long_form(),
				);
			} else {
				$parts[] = array( 'sql' => base64_encode( $column->literal( $row[ $at ] ) ) );
			}
		}
		$this->reply->json(
			'G',
			array(
				'head'  => base64_encode( $this->head() ),
				'parts' => $parts,
				'key'   => array_map( 'base64_encode', $key ),
			)
		);
	}

	/**
	 * Beginning of every statement.
	 */
	private function head(): string {
		$names = array_map( array( 'WPClone_Agent_Database', 'name' ), array_keys( $this->table->columns ) );
		return 'INSERT INTO ' . $this->table->quoted() . ' (' . implode( ',', $names ) . ") VALUES\n";
	}
}
