<?php
/**
 * Says when a reply has taken enough time or sent enough bytes: shared hosts kill long requests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * The caller proposes, the host's own limit disposes.
 */
final class WPClone_Agent_Budget {

	/**
	 * When to stop, as microtime.
	 *
	 * @var float
	 */
	private $until;

	/**
	 * Bytes that may still be sent.
	 *
	 * @var int
	 */
	private $left;

	/**
	 * Takes `seconds` and `bytes` from the arguments of a request.
	 *
	 * @param array $args Arguments.
	 */
	public function __construct( array $args ) {
		$seconds = isset( $args['seconds'] ) ? (float) $args['seconds'] : 10.0;
		$limit   = (int) ini_get( 'max_execution_time' );
		if ( $limit > 0 ) {
			$seconds = min( $seconds, $limit / 2 );
		}
		$this->until = microtime( true ) + max( 0.2, min( $seconds, 20.0 ) );
		$this->left  = max( 4096, min( isset( $args['bytes'] ) ? (int) $args['bytes'] : 2097152, 16777216 ) );
	}

	/**
	 * Takes bytes off.
	 *
	 * @param int $bytes How many were sent.
	 */
	public function spend( int $bytes ): void {
		$this->left -= $bytes;
	}

	/**
	 * Bytes that may still be sent, at least one.
	 */
	public function left(): int {
		return max( 1, $this->left );
	}

	/**
	 * Whether it is time to stop.
	 */
	public function is_spent(): bool {
		return $this->left <= 0 || microtime( true ) >= $this->until;
	}
}
