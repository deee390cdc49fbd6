<?php
/**
 * Sets a user's password, read from standard input: php password.php DOCUMENT_ROOT URL LOGIN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

$_SERVER['HTTP_HOST'] = parse_url( $argv[2], PHP_URL_HOST );
define( 'WP_INSTALLING', true );
require_once $argv[1] . '/wp-load.php';
wp_set_password( trim( stream_get_contents( STDIN ) ), get_user_by( 'login', $argv[3] )->ID );
