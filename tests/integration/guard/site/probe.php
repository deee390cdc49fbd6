<?php
// A must-use plugin of the site's own: does on request what plugins do, and tells what came of it.
// SPDX-License-Identifier: GPL-2.0-or-later

define( 'ACME_MU_PLUGIN', true );

add_action(
	'wp_loaded',
	static function (): void {
		$probe = $_GET['probe'] ?? '';
		if ( '' === $probe ) {
			return;
		}
		$answer = match ( $probe ) {
			'wp_mail' => array( 'sent' => wp_mail( 'client@acme.test', '<b>Order</b> "7" ünï', 'It <script>alert(1)</script> ships &lt;b&gt;.', array( 'From: Shop <shop@acme.test>', 'Cc: second@acme.test' ) ) ),
			'html_mail' => array( 'sent' => wp_mail( array( 'a@acme.test', 'b@acme.test' ), 'News', '<p>Hi</p><img src="https://www.acme.test/pixel.gif">', 'Content-Type: text/html' ) ),
			'mail' => array( 'sent' => mail( 'raw@acme.test', 'Raw', 'past every hook', "From: raw@acme.test\r\nX-Folded: a\r\n b" ) ),
			'phpmailer' => probe_phpmailer(),
			'http' => probe_http( 'https://payments.example/charge' ),
			'http_updates' => probe_http( 'https://api.wordpress.org/core/version-check/1.7/' ),
			'self' => probe_http( home_url( '/?probe=constants' ) ),
			'self_redirected' => probe_http( home_url( '/wp-admin' ) ),
			'constants' => probe_constants(),
			'shop' => probe_shop(),
			'sloppy' => probe_sloppy(),
			'database' => array( 'cipher' => $GLOBALS['wpdb']->get_row( "SHOW SESSION STATUS LIKE 'Ssl_cipher'" )->Value ),
			default => array( 'unknown' => $probe ),
		};
		wp_send_json( $answer );
	}
);

function probe_http( string $url ): array {
	$answer = wp_remote_get( $url, array( 'timeout' => 5 ) );
	return is_wp_error( $answer )
		? array( 'error' => $answer->get_error_code(), 'message' => $answer->get_error_message() )
		: array( 'status' => wp_remote_retrieve_response_code( $answer ), 'body' => substr( wp_remote_retrieve_body( $answer ), 0, 2000 ) );
}

/** As a plugin does that replaces wp_mail() with one of its own. */
function probe_phpmailer(): array {
	require_once ABSPATH . WPINC . '/PHPMailer/PHPMailer.php';
	require_once ABSPATH . WPINC . '/PHPMailer/Exception.php';
	require_once ABSPATH . WPINC . '/PHPMailer/SMTP.php';
	$mailer = new PHPMailer\PHPMailer\PHPMailer( true );
	$mailer->isSMTP();
	$mailer->Host = 'smtp.acme.test';
	$mailer->setFrom( 'shop@acme.test' );
	$mailer->addAddress( 'smtp@acme.test' );
	$mailer->Subject = 'By SMTP';
	$mailer->Body    = 'text';
	do_action_ref_array( 'phpmailer_init', array( &$mailer ) );
	return array( 'sent' => $mailer->send() );
}

function probe_constants(): array {
	return array(
		'mu_plugin'   => defined( 'ACME_MU_PLUGIN' ),
		'drop_in'     => defined( 'ACME_DB_DROP_IN' ),
		'cron_off'    => defined( 'DISABLE_WP_CRON' ) && DISABLE_WP_CRON,
		'crons'       => wp_get_ready_cron_jobs(),
		'public'      => get_option( 'blog_public' ),
		'ssl'         => is_ssl(),
		'home'        => get_option( 'home' ),
		'register'    => get_option( 'users_can_register' ),
		'environment' => wp_get_environment_type(),
		'updates'     => get_site_transient( 'update_plugins' )->response ?? null,
		'auto_update' => apply_filters( 'automatic_updater_disabled', false ),
		'prepend'     => ini_get( 'auto_prepend_file' ),
		'sendmail'    => ini_get( 'sendmail_path' ),
	);
}

/** What careless plugins do, and WordPress puts up with. */
function probe_sloppy(): array {
	foreach ( array( 'wp_mail', 'wp_robots', 'woocommerce_available_payment_gateways' ) as $hook ) {
		add_filter( $hook, '__return_null' );
	}
	return array(
		'may'      => current_user_can( null ),
		'answer'   => is_wp_error( wp_remote_get( null ) ),
		'sent'     => wp_mail( 'client@acme.test', 'Lost on its way', 'text' ),
		'robots'   => array_keys( apply_filters( 'wp_robots', array() ) ),
		'gateways' => apply_filters( 'woocommerce_available_payment_gateways', array() ),
	);
}

function probe_shop(): array {
	$gateways = array_fill_keys( array( 'stripe', 'paypal', 'bacs', 'cheque', 'cod' ), new stdClass() );
	return array(
		'gateways'   => array_keys( apply_filters( 'woocommerce_available_payment_gateways', $gateways ) ),
		'webhooks'   => apply_filters( 'woocommerce_webhook_should_deliver', true, null, null ),
		'duplicate'  => apply_filters( 'woocommerce_subscriptions_is_duplicate_site', false ),
		'batches'    => apply_filters( 'action_scheduler_queue_runner_concurrent_batches', 5 ),
		'async'      => apply_filters( 'action_scheduler_allow_async_request_runner', true ),
	);
}
