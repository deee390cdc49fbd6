<?php
/**
 * Knows one column: how to select it, and how to write its value as a literal that loads back the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Literals are for a connection that speaks `SET NAMES binary`.
 */
final class WPClone_Agent_Column {

	const NUMBER  = 'number';
	const BIT     = 'bit';
	const BINARY  = 'binary';
	const TEXT    = 'text';
	const FOREIGN = 'foreign';

	/**
	 * Name.
	 *
	 * @var string
	 */
	public $name;

	/**
	 * One of the constants above.
	 *
	 * @var string
	 */
	public $kind;

	/**
	 * The type's first word, in lower case.
	 *
	 * @var string
	 */
	public $type;

	/**
	 * Whether a value may be long enough to need pieces.
	 *
	 * @var bool
	 */
	public $may_be_long;

	/**
	 * Whether the server computes it.
	 *
	 * @var bool
	 */
	public $generated;

	/**
	 * Character set of the column, or ''.
	 *
	 * @var string
	 */
	private $charset;

	/**
	 * Character set of the connection.
	 *
	 * @var string
	 */
	private $connection;

	/**
	 * Reads a row of SHOW FULL COLUMNS.
	 *
	 * @param array  $row        The row, keys in lower case.
	 * @param string $connection Character set of the connection.
	 */
	public function __construct( array $row, string $connection ) {
		$this->name        = (string) $row['field'];
		$this->type        = (string) preg_replace( '/[^a-z0-9].*$/s', '', strtolower( (string) $row['type'] ) );
		$this->generated   = 1 === preg_match( '/\b(VIRTUAL|STORED|PERSISTENT)( GENERATED)?\b/i', (string) $row['extra'] );
		$this->charset     = (string) strtok( (string) $row['collation'], '_' );
		$this->connection  = $connection;
		$this->kind        = $this->classify();
		$this->may_be_long = 1 === preg_match( '/(text|blob|json)$/', $this->type ) || in_array( $this->type, array( 'varchar', 'varbinary', 'vector' ), true ) || $this->is_spatial();
	}

	/**
	 * The expression that reads the column.
	 */
	public function expression(): string {
		$name = WPClone_Agent_Database::name( $this->name );
		if ( self::BIT === $this->kind ) {
			return $name . '+0';
		}
		if ( 'float' === $this->type ) {
			// As itself it shows six digits, and would come back as another number.
			return $name . '+0e0';
		}
		if ( self::FOREIGN !== $this->kind || '' === $this->charset ) {
			return $name;
		}
		// What the connection cannot hold would arrive as '?': such a value travels as its stored bytes.
		$back = "CONVERT(CONVERT($name USING {$this->connection}) USING {$this->charset})";
		return "IF(CAST($back AS BINARY) <=> CAST($name AS BINARY), CONCAT('t', $name), CONCAT('x', HEX($name)))";
	}

	/**
	 * The condition that a long value arrives on the connection without a loss.
	 *
	 * @param string $value Expression for the value.
	 */
	public function survives( string $value ): string {
		if ( self::FOREIGN !== $this->kind || '' === $this->charset ) {
			return '1';
		}
		// Digests, because the server turns long binaries into NULL.
		return "MD5(CONVERT(CONVERT($value USING {$this->connection}) USING {$this->charset})) <=> MD5($value)";
	}

	/**
	 * Character set of the column, or ''.
	 */
	public function charset(): string {
		return $this->charset;
	}

	/**
	 * The expression that reads the column unless it is longer than a limit; null then.
	 *
	 * @param int $limit Bytes.
	 */
	public function bounded( int $limit ): string {
		return $this->may_be_long ? 'IF(' . $this->is_long( $limit ) . ',NULL,' . $this->expression() . ')' : $this->expression();
	}

	/**
	 * The condition that a value is longer than a limit.
	 *
	 * @param int $limit Bytes.
	 */
	public function is_long( int $limit ): string {
		return 'IFNULL(LENGTH(' . WPClone_Agent_Database::name( $this->name ) . ')>' . $limit . ',0)';
	}

	/**
	 * The literal of a value as `expression()` read it.
	 *
	 * @param string|null $value Value.
	 */
	public function literal( ?string $value ): string {
		if ( null === $value ) {
			return 'NULL';
		}
		switch ( $this->kind ) {
			case self::NUMBER:
			case self::BIT:
				return is_numeric( $value ) ? $value : self::quote( $value );
			case self::BINARY:
				// Not in hex: that would double what the loading server's packet limit has to hold.
				return '_binary' . self::quote( $value );
			case self::FOREIGN:
				return $this->foreign_literal( $value );
			default:
				return self::quote( $value );
		}
	}

	/**
	 * How a long value has to be written by whoever puts its pieces together.
	 */
	public function long_form(): string {
		if ( self::FOREIGN === $this->kind ) {
			return '_' . $this->connection;
		}
		return self::BINARY === $this->kind ? '_binary' : '';
	}

	/**
	 * Escapes bytes as a string literal.
	 *
	 * @param string $bytes Bytes.
	 */
	public static function quote( string $bytes ): string {
		if ( strcspn( $bytes, "\0\n\r\x1a\\'\"" ) === strlen( $bytes ) ) {
			return "'" . $bytes . "'"; // Most values need no more than this look.
		}
		return "'" . strtr(
			$bytes,
			array(
				"\0"   => '\\0',
				"\n"   => '\\n',
				"\r"   => '\\r',
				"\x1a" => '\\Z',
				'\\'   => '\\\\',
				"'"    => "\\'",
				'"'    => '\\"',
			)
		) . "'";
	}

	/**
	 * Sorts the column by how its values travel.
	 */
	private function classify(): string {
		if ( 'bit' === $this->type ) {
			return self::BIT;
		}
		if ( 1 === preg_match( '/^(tinyint|smallint|mediumint|int|integer|bigint|decimal|numeric|float|double|year)$/', $this->type ) ) {
			return self::NUMBER;
		}
		if ( 1 === preg_match( '/(blob|binary)$/', $this->type ) || 'binary' === $this->charset || 'vector' === $this->type || $this->is_spatial() ) {
			return self::BINARY;
		}
		if ( in_array( $this->type, array( 'json', 'uuid', 'inet4', 'inet6' ), true ) ) {
			// The server refuses binary literals here, or takes them for something else.
			return self::FOREIGN;
		}
		return '' === $this->charset || self::same( $this->charset, $this->connection ) ? self::TEXT : self::FOREIGN;
	}

	/**
	 * Whether the column holds geometry.
	 */
	private function is_spatial(): bool {
		return 1 === preg_match( '/^(geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)$/', $this->type );
	}

	/**
	 * Whether bytes of a column mean the same on the connection.
	 *
	 * @param string $column     Character set of the column.
	 * @param string $connection Character set of the connection.
	 */
	private static function same( string $column, string $connection ): bool {
		$column     = 'utf8' === $column ? 'utf8mb3' : $column;
		$connection = 'utf8' === $connection ? 'utf8mb3' : $connection;
		return $column === $connection || ( 'utf8mb3' === $column && 'utf8mb4' === $connection ) || 'ascii' === $column;
	}

	/**
	 * The literal of a value that came with its mark.
	 *
	 * @param string $value Value with `t` or `x` in front; JSON columns have no mark.
	 */
	private function foreign_literal( string $value ): string {
		if ( '' === $this->charset ) {
			return '_' . $this->connection . self::quote( $value );
		}
		$rest = substr( $value, 1 );
		if ( 't' === $value[0] || '' === $rest ) {
			return '_' . $this->connection . self::quote( $rest );
		}
		return '_' . $this->charset . ' 0x' . $rest;
	}
}
