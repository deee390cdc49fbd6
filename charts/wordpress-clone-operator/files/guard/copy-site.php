<?php
/**
 * Streams this clone to the import of another one, with the agent's own classes; guard.php has let it in.
 *
 * WordPress is loaded here, in the outermost scope, as it demands. No plugin and no theme runs: to WordPress
 * this is an installation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

defined( 'WPCLONE_COPY' ) || exit;

define( 'WP_INSTALLING', true );
define( 'WPCLONE_AGENT_FILE', __DIR__ . '/wpclone-agent.php' );
define( 'WPCLONE_AGENT_VERSION', WPClone\Guard\VERSION );

require_once __DIR__ . '/copy-keys.php';
spl_autoload_register(
	static function ( string $class ): void {
		$file = __DIR__ . '/class-' . strtolower( str_replace( '_', '-', $class ) ) . '.php';
		if ( str_starts_with( $class, 'WPClone_Agent_' ) && is_file( $file ) ) {
			require_once $file;
		}
	}
);

require $_SERVER['DOCUMENT_ROOT'] . '/wp-load.php';

( static function (): never {
	$writers = array(
		'manifest' => array( 'WPClone_Agent_Manifest', 'write' ),
		'tables'   => array( 'WPClone_Agent_Tables', 'write' ),
		'rows'     => array( 'WPClone_Agent_Rows', 'write' ),
		'value'    => array( 'WPClone_Agent_Value', 'write' ),
		'files'    => array( 'WPClone_Agent_Listing', 'write' ),
		'fetch'    => array( 'WPClone_Agent_Fetch', 'write' ),
	);
	$request = new WP_REST_Request( 'POST', WPClone\Guard\COPY_SPACE . WPCLONE_COPY );
	$request->set_body( (string) file_get_contents( 'php://input' ) );
	WPClone_Agent_Reply::serve( false, WPClone_Agent_Reply::to( $request, $writers[ WPCLONE_COPY ] ) );
	exit;
} )();
