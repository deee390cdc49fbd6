<?php
/**
 * Lists the files of the site, and what is left out, a batch per request.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * A name may hold any byte but NUL, so NUL separates.
 */
final class WPClone_Agent_Listing {

	const BATCH = 65536;

	// Looking at the clock is cheap, but not free.
	const LOOK_EVERY = 64;

	/**
	 * Writes the list from a cursor on, while the budget lasts.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function write( WPClone_Agent_Reply $reply ): void {
		clearstatcache();
		$cursor = isset( $reply->message->args['cursor'] ) ? (array) $reply->message->args['cursor'] : array();
		$area   = isset( $cursor['area'] ) ? (int) $cursor['area'] : 0;
		$after  = isset( $cursor['after'] ) ? (string) base64_decode( (string) $cursor['after'], true ) : '';
		$batch  = '';
		$count  = 0;
		foreach ( WPClone_Agent_Walk::from( max( 0, $area ), $after ) as $area => $entry ) {
			if ( 2 === count( $entry ) ) {
				$reply->json(
					'K',
					array(
						'what' => $entry[0],
						'why'  => $entry[1],
					)
				);
			} else {
				$batch .= implode( "\0", $entry ) . "\0";
			}
			if ( strlen( $batch ) >= self::BATCH ) {
				$reply->frame( 'F', $batch, true );
				$batch = '';
			}
			if ( 0 === ++$count % self::LOOK_EVERY && $reply->budget->is_spent() ) {
				self::end( $reply, $batch, $area, $entry[0] );
				return;
			}
		}
		self::end( $reply, $batch, null, '' );
	}

	/**
	 * Sends the last batch and the point to go on at.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 * @param string              $batch What is still to be sent.
	 * @param int|null            $area  Area of the last entry; null at the end.
	 * @param string              $after Path of the last entry.
	 */
	private static function end( WPClone_Agent_Reply $reply, string $batch, ?int $area, string $after ): void {
		if ( '' !== $batch ) {
			$reply->frame( 'F', $batch, true );
		}
		$cursor = array(
			'area'  => $area,
			'after' => base64_encode( $after ),
		);
		$reply->cursor( null === $area ? null : $cursor );
	}
}
