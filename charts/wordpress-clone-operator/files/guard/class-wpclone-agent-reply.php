<?php
/**
 * Streams a reply in frames: magic, frames with type and length, and a signed trailer.
 *
 * A chunked reply that a host cuts off looks complete to an HTTP client; ours is complete only if
 * its trailer is there and signs, with the session's key, the caller's nonce and every byte before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * One reply. Frame: type (1 byte), flags (1 byte, 1 = deflated), length (4 bytes), payload.
 */
final class WPClone_Agent_Reply {

	const MAGIC = 'WPCLONE1';

	// Smaller payloads do not gain enough to be worth the host's time.
	const DEFLATE_FROM = 1024;

	/**
	 * Writes the body of this reply.
	 *
	 * @var callable
	 */
	private $writer;

	/**
	 * What the caller asked for.
	 *
	 * @var WPClone_Agent_Message
	 */
	public $message;

	/**
	 * Time and bytes that this reply may take.
	 *
	 * @var WPClone_Agent_Budget
	 */
	public $budget;

	/**
	 * Running signature.
	 *
	 * @var HashContext
	 */
	private $mac;

	/**
	 * Bytes sent so far.
	 *
	 * @var int
	 */
	private $sent = 0;

	/**
	 * Prepares the reply to a request that passed the gate; it is written when it is served.
	 *
	 * @param WP_REST_Request $request The request.
	 * @param callable        $writer  Takes this object and sends frames.
	 */
	public static function to( WP_REST_Request $request, callable $writer ): WP_REST_Response {
		$reply          = new self();
		$reply->writer  = $writer;
		$reply->message = WPClone_Agent_Message::read( $request );
		$reply->budget  = new WPClone_Agent_Budget( $reply->message->args );
		$session        = $reply->message->auth['session'];
		$key            = WPClone_Agent_Keys::session_key( $session, (array) WPClone_Agent_Sessions::find( $session ) );
		$reply->mac     = hash_init( 'sha256', HASH_HMAC, (string) $key );
		hash_update( $reply->mac, $reply->message->auth['nonce'] );
		return new WP_REST_Response( $reply );
	}

	/**
	 * Serves our replies in place of the REST server, which would buffer and encode them.
	 *
	 * @param bool             $served Whether somebody has served it already.
	 * @param WP_HTTP_Response $result What is to be served.
	 */
	public static function serve( $served, $result ): bool {
		$reply = $result instanceof WP_HTTP_Response ? $result->get_data() : null;
		if ( $served || ! $reply instanceof self ) {
			return (bool) $served;
		}
		$reply->stream();
		return true;
	}

	/**
	 * Asks every cache that listens not to keep this answer.
	 */
	public static function forbid_caching(): void {
		foreach ( array( 'DONOTCACHEPAGE', 'DONOTCACHEOBJECT', 'DONOTMINIFY' ) as $name ) {
			defined( $name ) || define( $name, true );
		}
	}

	/**
	 * Sends one frame.
	 *
	 * @param string $type    One letter.
	 * @param string $payload What it carries.
	 * @param bool   $deflate Whether compressing may pay.
	 */
	public function frame( string $type, string $payload, bool $deflate = false ): void {
		$flags = 0;
		$this->budget->spend( strlen( $payload ) );
		if ( $deflate && strlen( $payload ) >= self::DEFLATE_FROM && function_exists( 'gzcompress' ) ) {
			$packed = gzcompress( $payload, 1 );
			if ( is_string( $packed ) && strlen( $packed ) < strlen( $payload ) ) {
				$payload = $packed;
				$flags   = 1;
			}
		}
		$this->send( $type . chr( $flags ) . pack( 'N', strlen( $payload ) ) );
		$this->send( $payload );
	}

	/**
	 * Sends a frame of JSON.
	 *
	 * @param string $type One letter.
	 * @param array  $data What it says.
	 */
	public function json( string $type, array $data ): void {
		$text = wp_json_encode( $data, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES );
		$this->frame( $type, (string) $text, true );
	}

	/**
	 * Sends the frame that says where to go on; null means that all is done.
	 *
	 * @param array|null $cursor Point to resume at.
	 * @param int        $count  Rows since the last such frame.
	 */
	public function cursor( ?array $cursor, int $count = 0 ): void {
		$this->json(
			'C',
			array(
				'cursor' => $cursor,
				'count'  => $count,
			)
		);
	}

	/**
	 * Sends what has been written on its way.
	 */
	public function flush(): void {
		flush();
	}

	/**
	 * Writes the whole reply.
	 */
	private function stream(): void {
		$this->prepare_output();
		$this->send( self::MAGIC );
		try {
			call_user_func( $this->writer, $this );
		} catch ( WPClone_Agent_Failure $failure ) {
			$this->json(
				'E',
				array(
					'code'    => $failure->reason,
					'message' => $failure->getMessage(),
				)
			);
		}
		$head = 'Z' . chr( 0 ) . pack( 'N', 40 );
		$tail = pack( 'J', $this->sent );
		hash_update( $this->mac, $head . $tail );
		echo $head . $tail . hash_final( $this->mac, true ); // phpcs:ignore WordPress.Security.EscapeOutput -- Binary frames, never shown as a page.
		flush();
	}

	/**
	 * Ends every output buffer and says what is coming: a page cache or a compressor in between
	 * would hold the stream back or change it.
	 */
	private function prepare_output(): void {
		self::forbid_caching();
		ini_set( 'display_errors', '0' ); // phpcs:ignore WordPress.PHP.IniSet -- A notice inside the stream would break it.
		if ( function_exists( 'set_time_limit' ) ) {
			set_time_limit( 120 );
		}
		for ( $level = ob_get_level(); $level > 0; $level-- ) {
			if ( ! ob_end_clean() ) {
				break;
			}
		}
		if ( headers_sent() ) {
			return;
		}
		ini_set( 'zlib.output_compression', '0' ); // phpcs:ignore WordPress.PHP.IniSet -- Frames are compressed one by one.
		header_remove( 'Content-Encoding' );
		header( 'Content-Type: application/octet-stream' );
		header( 'Cache-Control: no-store, no-cache, must-revalidate, max-age=0, private, no-transform' );
		header( 'X-Accel-Buffering: no' );
		header( 'X-LiteSpeed-Cache-Control: no-cache' );
		header( 'X-Content-Type-Options: nosniff' );
	}

	/**
	 * Sends bytes and signs them.
	 *
	 * @param string $bytes Bytes.
	 */
	private function send( string $bytes ): void {
		hash_update( $this->mac, $bytes );
		$this->sent += strlen( $bytes );
		echo $bytes; // phpcs:ignore WordPress.Security.EscapeOutput -- Binary frames, never shown as a page.
	}
}
