<?php
/**
 * Describes the request at hand as a value, before anything of the site has touched it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * One web request.
 */
final class Request {

	public function __construct(
		public readonly string $method,
		public readonly string $path,
		public readonly string $query,
		/** The script that will run, as a real path below the document root ("/wp-login.php"), or its full path. */
		public readonly string $script,
		/** @var array<string, mixed> */
		public readonly array $cookies,
		public readonly string $accept = '',
	) {}

	public static function current(): self {
		$target = (string) ( $_SERVER['REQUEST_URI'] ?? '/' );
		$parts  = explode( '?', $target, 2 );
		return new self(
			method: (string) ( $_SERVER['REQUEST_METHOD'] ?? 'GET' ),
			path: $parts[0],
			query: $parts[1] ?? '',
			script: below_root( (string) ( $_SERVER['SCRIPT_FILENAME'] ?? '' ), (string) ( $_SERVER['DOCUMENT_ROOT'] ?? '' ) ),
			cookies: $_COOKIE,
			accept: (string) ( $_SERVER['HTTP_ACCEPT'] ?? '' ),
		);
	}

	/**
	 * The value of a query parameter, or null. Names count as they are written, as without() reads them: PHP's
	 * own parser overlooks a space in front, and the parameter could then not be taken away.
	 */
	public function parameter( string $name ): ?string {
		foreach ( explode( '&', $this->query ) as $pair ) {
			$parts = explode( '=', $pair, 2 );
			if ( urldecode( $parts[0] ) === $name ) {
				return urldecode( $parts[1] ?? '' );
			}
		}
		return null;
	}

	/**
	 * Path and query without one parameter; the rest stays byte for byte.
	 */
	public function without( string $name ): string {
		$kept = array_filter(
			explode( '&', $this->query ),
			static fn( string $pair ): bool => '' !== $pair && urldecode( explode( '=', $pair, 2 )[0] ) !== $name
		);
		// One slash only: "//host" in a Location would lead to another site.
		$path = '/' . ltrim( $this->path, '/\\' );
		return $kept ? $path . '?' . implode( '&', $kept ) : $path;
	}

	/**
	 * Whether a program asks, which can do nothing with a page.
	 */
	public function is_programmatic(): bool {
		return str_contains( $this->accept, 'application/json' )
			|| str_contains( $this->path, '/wp-json' )
			|| null !== $this->parameter( 'rest_route' )
			|| in_array( basename( $this->script ), array( 'admin-ajax.php', 'xmlrpc.php' ), true );
	}
}

/**
 * The real path of a script relative to the document root; unchanged if it lies elsewhere.
 */
function below_root( string $script, string $root ): string {
	$script = realpath( $script ) ?: $script;
	$root   = realpath( $root ) ?: $root;
	return '' !== $root && str_starts_with( $script, $root . '/' ) ? substr( $script, strlen( $root ) ) : $script;
}
