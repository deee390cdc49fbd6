<?php
/**
 * Carries a failure that the caller can name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Thrown while a reply is written; it becomes the reply's error frame.
 */
final class WPClone_Agent_Failure extends Exception {

	/**
	 * Code for the client.
	 *
	 * @var string
	 */
	public $reason;

	/**
	 * Keeps code and sentence.
	 *
	 * @param string $reason  Code for the client.
	 * @param string $message Sentence for people.
	 */
	public function __construct( string $reason, string $message ) {
		parent::__construct( $message );
		$this->reason = $reason;
	}
}
