<?php
/**
 * Answers as hosts do that are no WordPress, or do not let anybody through to theirs.
 *
 * What it pretends to be is the first word of the host name that is asked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package wpclone
 */

$wpclone_host = $_SERVER['HTTP_HOST'];

/** Sends a page and ends. */
function wpclone_page( int $status, string $title, string $body = '' ): void {
	http_response_code( $status );
	echo "<!DOCTYPE html><html><head><title>$title</title></head><body>$body</body></html>";
	exit;
}

switch ( strtok( $wpclone_host, '.' ) ) {
	case 'static':
		wpclone_page( 200, 'A bakery', '<p>Fresh bread daily.</p>' );
	case 'missing':
		wpclone_page( 404, 'Nothing here' );
	case 'circle':
		header( 'Location: https://' . $wpclone_host . ( '/a' === $_SERVER['REQUEST_URI'] ? '/b' : '/a' ), true, 302 );
		exit;
	case 'moved':
		header( 'Location: https://www.elsewhere.test/', true, 301 );
		exit;
	case 'inward':
		header( 'Location: http://169.254.169.254/latest/meta-data/', true, 302 );
		exit;
	case 'firewall':
		header( 'Server: cloudflare' );
		wpclone_page( 403, 'Just a moment...', '<script src="/cdn-cgi/challenge-platform/x.js"></script>' );
	case 'basic':
		header( 'WWW-Authenticate: Basic realm="staging"' );
		wpclone_page( 401, 'Unauthorized' );
	case 'broken':
		wpclone_page( 500, 'Internal Server Error' );
	case 'silent':
		sleep( 40 );
		exit;
}
