<?php
/**
 * Streams one long value in pieces, so that neither PHP nor the server's packet limit has to hold it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * The value is put into a variable of the server once per request: reading pieces from the column
 * would read all of it again for every piece. The variable holds bytes: to find a character far in
 * a long text, the server would count all those before it.
 */
final class WPClone_Agent_Value {

	// Bytes per piece. The server copies the whole value for each one.
	const PIECE = 4194304;

	/**
	 * Writes pieces from an offset on, while the budget lasts.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function write( WPClone_Agent_Reply $reply ): void {
		$args   = $reply->message->args;
		$table  = WPClone_Agent_Table::find( isset( $args['table'] ) ? (string) $args['table'] : '' );
		$column = isset( $args['column'] ) ? (string) $args['column'] : '';
		if ( ! isset( $table->columns[ $column ] ) ) {
			throw new WPClone_Agent_Failure( 'cursor', 'The columns of this table have changed.' );
		}
		$key   = array( 'key' => isset( $args['key'] ) ? (array) $args['key'] : array() );
		$where = array() === $table->key ? WPClone_Agent_Digests::exactly( $table, $key ) : WPClone_Agent_Keyset::exactly( $table, $key );
		$facts = self::load( $table, $table->columns[ $column ], $where );
		if ( null === $facts ) {
			$reply->json( 'J', array( 'gone' => true ) );
			return;
		}
		$reply->json( 'J', $facts );
		self::pieces( $reply, isset( $args['offset'] ) ? max( 0, (int) $args['offset'] ) : 0, $facts['bytes'] );
	}

	/**
	 * Loads the value into the variable; what is to be known of it, null if there is none (any more).
	 *
	 * @param WPClone_Agent_Table  $table  Table.
	 * @param WPClone_Agent_Column $column Column.
	 * @param string               $where  Condition for the row.
	 * @return array<string,int|string>|null
	 */
	private static function load( WPClone_Agent_Table $table, WPClone_Agent_Column $column, string $where ): ?array {
		$database = WPClone_Agent_Database::get();
		$size     = 'LENGTH(' . WPClone_Agent_Database::name( $column->name ) . ')';
		$database->execute( 'SET @wpclone_size = NULL, @wpclone_survives = NULL, @wpclone_value = NULL' );
		$database->execute( "SELECT $size, {$column->survives()}, {$column->bytes()} INTO @wpclone_size, @wpclone_survives, @wpclone_value FROM {$table->quoted()} WHERE $where LIMIT 1" );
		$found = $database->all( 'SELECT @wpclone_size AS size, @wpclone_survives AS survives, LENGTH(@wpclone_value) AS bytes, CRC32(@wpclone_value) AS crc' )[0];
		if ( null === $found['size'] ) {
			return null;
		}
		if ( null === $found['bytes'] ) {
			throw new WPClone_Agent_Failure( 'value', 'The database refused to read a long value.' );
		}
		$facts = array(
			'bytes' => (int) $found['bytes'],
			'crc'   => (int) $found['crc'],
		);
		// What the connection cannot hold would arrive as '?': such a value travels as its stored bytes.
		return '1' === (string) $found['survives'] ? $facts : $facts + array( 'stored' => $column->charset() );
	}

	/**
	 * Sends the pieces, then the offset to go on at.
	 *
	 * @param WPClone_Agent_Reply $reply  The reply.
	 * @param int                 $offset Bytes to leave out.
	 * @param int                 $bytes  Bytes in all.
	 */
	private static function pieces( WPClone_Agent_Reply $reply, int $offset, int $bytes ): void {
		$database = WPClone_Agent_Database::get();
		$packet   = (int) $database->value( 'SELECT @@max_allowed_packet' );
		$step     = max( 512, min( self::PIECE, intdiv( $packet, 2 ) ) );
		while ( $offset < $bytes ) {
			$piece = $database->value( 'SELECT SUBSTRING(@wpclone_value,' . ( $offset + 1 ) . ",$step)" );
			if ( null === $piece ) {
				throw new WPClone_Agent_Failure( 'value', 'The database refused to read a long value.' );
			}
			$reply->frame( 'V', $piece, true );
			$reply->flush();
			$offset += strlen( $piece );
			if ( '' === $piece || $reply->budget->is_spent() ) {
				break;
			}
		}
		$reply->cursor( $offset < $bytes ? array( 'offset' => $offset ) : null );
	}
}
