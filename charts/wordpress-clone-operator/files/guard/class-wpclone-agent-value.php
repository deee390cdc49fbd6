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
 * would read all of it again for every piece.
 */
final class WPClone_Agent_Value {

	// Characters per piece; up to four bytes each.
	const PIECE = 1048576;

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
		$key      = array( 'key' => isset( $args['key'] ) ? (array) $args['key'] : array() );
		$where    = array() === $table->key ? WPClone_Agent_Digests::exactly( $table, $key ) : WPClone_Agent_Keyset::exactly( $table, $key );
		$name     = WPClone_Agent_Database::name( $column );
		$database = WPClone_Agent_Database::get();
		$database->execute( 'SET @wpclone_value = NULL' );
		$database->execute( "SELECT $name INTO @wpclone_value FROM {$table->quoted()} WHERE $where LIMIT 1" );
		$size = $database->all( 'SELECT LENGTH(@wpclone_value) AS bytes, CHAR_LENGTH(@wpclone_value) AS chars, CRC32(@wpclone_value) AS crc, ' . $table->columns[ $column ]->survives( '@wpclone_value' ) . ' AS survives' );
		if ( null === $size[0]['bytes'] ) {
			$reply->json( 'J', array( 'gone' => true ) );
			return;
		}
		$offset = isset( $args['offset'] ) ? max( 0, (int) $args['offset'] ) : 0;
		$facts  = array_map( 'intval', $size[0] );
		$stored = 1 === $facts['survives'] ? array() : array( 'stored' => $table->columns[ $column ]->charset() );
		unset( $facts['survives'] );
		$reply->json( 'J', $facts + $stored );
		// What the connection cannot hold would arrive as '?': such a value travels as its stored bytes.
		self::pieces( $reply, $offset, $facts['chars'], array() === $stored ? '%s' : 'CAST(%s AS BINARY)' );
	}

	/**
	 * Sends the pieces, then the offset to go on at.
	 *
	 * @param WPClone_Agent_Reply $reply  The reply.
	 * @param int                 $offset Characters to leave out.
	 * @param int                 $chars  Characters in all.
	 * @param string              $form   What to select of each piece, `%s`.
	 */
	private static function pieces( WPClone_Agent_Reply $reply, int $offset, int $chars, string $form ): void {
		$database = WPClone_Agent_Database::get();
		$packet   = (int) $database->value( 'SELECT @@max_allowed_packet' );
		$step     = max( 4096, min( self::PIECE, intdiv( $packet, 8 ) ) );
		while ( $offset < $chars ) {
			$piece = $database->value( 'SELECT ' . sprintf( $form, 'SUBSTRING(@wpclone_value,' . ( $offset + 1 ) . ",$step)" ) );
			if ( null === $piece ) {
				throw new WPClone_Agent_Failure( 'value', 'The database refused to read a long value.' );
			}
			$reply->frame( 'V', $piece, true );
			$reply->flush();
			$offset += $step;
			if ( $reply->budget->is_spent() ) {
				break;
			}
		}
		$reply->cursor( $offset < $chars ? array( 'offset' => $offset ) : null );
	}
}
