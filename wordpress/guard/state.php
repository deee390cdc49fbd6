<?php
/**
 * Knows what this clone is and what it may do, read anew for every request.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

const VERSION    = '0.1.0';
const LIVE_STATE = '/run/wpclone/clone.json';

/**
 * The clone in one frozen value. What is missing or unreadable counts as the safest choice.
 */
final class State {

	public function __construct(
		public readonly string $uid,
		public readonly string $name,
		public readonly string $url,
		public readonly string $source,
		public readonly string $gate_key,
		public readonly string $directory,
		public readonly string $access,
		/** @var array<string, string> */
		public readonly array $safety,
		public readonly ?int $ends,
	) {}

	/**
	 * Build the state from environment values and the text of clone.json.
	 *
	 * @param array<string, string> $env Environment.
	 */
	public static function from( array $env, string $json ): self {
		$live   = json_decode( $json, true );
		$live   = is_array( $live ) ? $live : array();
		$access = $live['access'] ?? null;
		$safety = is_array( $live['safety'] ?? null ) ? $live['safety'] : array();
		$ends   = is_string( $live['expiresAt'] ?? null ) ? strtotime( $live['expiresAt'] ) : false;
		$name   = is_string( $live['name'] ?? null ) ? $live['name'] : '';
		$source = is_string( $live['source'] ?? null ) ? $live['source'] : '';
		return new self(
			uid: $env['WPCLONE_CLONE_UID'] ?? '',
			name: '' !== $name ? $name : ( $env['WPCLONE_CLONE_NAME'] ?? '' ),
			url: rtrim( $env['WPCLONE_TARGET_URL'] ?? '', '/' ),
			source: '' !== $source ? $source : ( $env['WPCLONE_SOURCE_DISPLAY'] ?? '' ),
			gate_key: $env['WPCLONE_GATE_KEY'] ?? '',
			directory: $env['WPCLONE_STATE_DIR'] ?? '/var/lib/wpclone',
			access: in_array( $access, array( 'Link', 'Public' ), true ) ? $access : 'Login',
			safety: array_filter( $safety, 'is_string' ),
			ends: false === $ends ? null : $ends,
		);
	}

	/**
	 * Whether a row of `safety` is closed; only an explicit Allow opens it.
	 */
	public function blocks( string $row ): bool {
		return 'Allow' !== ( $this->safety[ $row ] ?? 'Block' );
	}

	public function secure(): bool {
		return str_starts_with( $this->url, 'https://' );
	}

	/**
	 * Scheme and host of the clone, without a path; empty when its address is unknown.
	 */
	public function origin(): string {
		return 1 === preg_match( '~^https?://[^/?#]+~', $this->url, $match ) ? $match[0] : '';
	}

	public function host(): string {
		return strtolower( (string) parse_url( $this->url, PHP_URL_HOST ) );
	}
}

/**
 * The state of this request.
 */
function state(): State {
	static $state = null;
	if ( null === $state ) {
		$names = array(
			'WPCLONE_CLONE_UID',
			'WPCLONE_CLONE_NAME',
			'WPCLONE_TARGET_URL',
			'WPCLONE_SOURCE_DISPLAY',
			'WPCLONE_GATE_KEY',
			'WPCLONE_STATE_DIR',
		);
		$env   = array();
		foreach ( $names as $name ) {
			// Of the process only: a rewrite rule of the site can set variables of the request.
			$value = getenv( $name, true );
			if ( false !== $value ) {
				$env[ $name ] = $value;
			}
		}
		forget_resolved_state();
		$state = State::from( $env, is_readable( LIVE_STATE ) ? (string) file_get_contents( LIVE_STATE ) : '' );
	}
	return $state;
}

/**
 * Kubernetes swaps a mounted ConfigMap by a symbolic link, and PHP remembers for two minutes where it led.
 */
function forget_resolved_state(): void {
	$folder = dirname( LIVE_STATE );
	foreach ( array( LIVE_STATE, "$folder/..data", "$folder/..data/" . basename( LIVE_STATE ) ) as $path ) {
		clearstatcache( true, $path );
	}
}
