<?php
/**
 * Reads the site's database row by row over WordPress' own connection, without buffering a result.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Values arrive as PHP sees them: in the connection's character set, which is what the lengths
 * inside serialized values count.
 */
final class WPClone_Agent_Database {

	/**
	 * WordPress' connection.
	 *
	 * @var mysqli
	 */
	private $link;

	/**
	 * The only instance of this request.
	 *
	 * @var self|null
	 */
	private static $instance = null;

	/**
	 * Takes WordPress' connection, or opens one like it where a drop-in hides it.
	 */
	private function __construct() {
		global $wpdb;
		$link = isset( $wpdb->dbh ) ? $wpdb->dbh : null;
		if ( ! $link instanceof mysqli ) {
			$own  = new wpdb( DB_USER, DB_PASSWORD, DB_NAME, DB_HOST );
			$link = $own->dbh;
		}
		if ( ! $link instanceof mysqli ) {
			throw new WPClone_Agent_Failure( 'database', 'This site does not use MySQL or MariaDB through mysqli.' );
		}
		$this->link = $link;
		mysqli_report( MYSQLI_REPORT_OFF ); // phpcs:ignore WordPress.DB.RestrictedFunctions -- We check every result, as WordPress does; a plugin may have asked for exceptions.
		// This request only reads for us from here on: times in UTC, no quoting or padding surprises.
		$this->execute( "SET SESSION sql_mode = '', time_zone = '+00:00'" );
	}

	/**
	 * The database of this request.
	 */
	public static function get(): self {
		if ( null === self::$instance ) {
			self::$instance = new self();
		}
		return self::$instance;
	}

	/**
	 * The connection's character set, by the name the server knows.
	 */
	public function charset(): string {
		return $this->link->character_set_name();
	}

	/**
	 * Runs a statement that returns nothing.
	 *
	 * @param string $sql Statement.
	 */
	public function execute( string $sql ): void {
		if ( true !== $this->link->query( $sql ) ) {
			throw $this->failure();
		}
	}

	/**
	 * Yields the rows of a query as lists, one at a time; the result is drained when the loop ends.
	 *
	 * @param string $sql Query.
	 * @return Generator<int,array<int,string|null>>
	 */
	public function rows( string $sql ): Generator {
		$result = $this->link->query( $sql, MYSQLI_USE_RESULT );
		if ( ! $result instanceof mysqli_result ) {
			throw $this->failure();
		}
		try {
			while ( true ) {
				$row = $result->fetch_row();
				if ( ! is_array( $row ) ) {
					break;
				}
				yield $row;
			}
			if ( 0 !== $this->link->errno ) {
				throw $this->failure();
			}
		} finally {
			$result->free();
		}
	}

	/**
	 * All rows of a small query, by column name.
	 *
	 * @param string $sql Query.
	 * @return array<int,array<string,string|null>>
	 */
	public function all( string $sql ): array {
		$result = $this->link->query( $sql );
		if ( ! $result instanceof mysqli_result ) {
			throw $this->failure();
		}
		$rows = $result->fetch_all( MYSQLI_ASSOC );
		$result->free();
		return $rows;
	}

	/**
	 * The first value of a query, or null.
	 *
	 * @param string $sql Query.
	 */
	public function value( string $sql ): ?string {
		$value = null;
		foreach ( $this->rows( $sql ) as $row ) {
			$value = null === $value ? $row[0] : $value;
		}
		return $value;
	}

	/**
	 * Quotes text for a query on this connection.
	 *
	 * @param string $text Text.
	 */
	public function quote( string $text ): string {
		return "'" . $this->link->real_escape_string( $text ) . "'";
	}

	/**
	 * Quotes a name.
	 *
	 * @param string $name Table or column.
	 */
	public static function name( string $name ): string {
		return '`' . str_replace( '`', '``', $name ) . '`';
	}

	/**
	 * The server's last error as a failure.
	 */
	private function failure(): WPClone_Agent_Failure {
		return new WPClone_Agent_Failure( 'database', 'Database error ' . $this->link->errno . ': ' . substr( $this->link->error, 0, 200 ) );
	}
}
