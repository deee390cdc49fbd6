<?php
/**
 * Stands in for the sendmail program (sendmail_path): reads a mail from standard input and captures it.
 *
 * What PHP's mail() sends ends here, whatever the site's code does to WordPress' hooks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

if ( 'cli' !== PHP_SAPI ) {
	http_response_code( 404 );
	exit;
}

// Nobody reads our output: what goes wrong belongs into the web server's log.
ini_set( 'display_errors', 'stderr' );

require_once __DIR__ . '/mail-store.php';

( static function (): never {
	$raw = (string) stream_get_contents( STDIN, MAIL_MAX_BYTES );
	// Drain the rest, or the sender dies of a broken pipe.
	while ( ! feof( STDIN ) && false !== fread( STDIN, 65536 ) ) {
		continue;
	}
	list( $headers ) = split_mail( $raw );
	$stored          = store_mail(
		getenv( 'WPCLONE_STATE_DIR', true ) ?: '/var/lib/wpclone',
		array(
			'via'         => 'mail()',
			'from'        => $headers['from'] ?? '',
			'to'          => array_filter( array( $headers['to'] ?? '', $headers['cc'] ?? '', $headers['bcc'] ?? '' ), 'strlen' ),
			'subject'     => $headers['subject'] ?? '',
			'attachments' => array(),
		),
		$raw
	);
	// EX_CANTCREAT of sysexits: mail() returns false, and nothing has been sent either way.
	exit( $stored ? 0 : 73 );
} )();
