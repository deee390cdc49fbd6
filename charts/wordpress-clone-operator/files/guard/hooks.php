<?php
/**
 * Registers every hook of the guard, on one screen.
 *
 * WordPress does not exist yet: it adopts what it finds in $GLOBALS['wp_filter'] when it loads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

require_once __DIR__ . '/mail-store.php';
require_once __DIR__ . '/mail.php';
require_once __DIR__ . '/mail-page.php';
require_once __DIR__ . '/http.php';
require_once __DIR__ . '/updates.php';
require_once __DIR__ . '/indexing.php';
require_once __DIR__ . '/shop.php';
require_once __DIR__ . '/badge.php';
require_once __DIR__ . '/background.php';

const FIRST = PHP_INT_MIN;
const LAST  = PHP_INT_MAX;

/**
 * The hooks of this state, each as hook, priority, function of this namespace, number of arguments.
 *
 * What they are handed has passed through the site's own code and may be anything: where WordPress itself
 * would carry on, a type that refuses it would break a page that the original shows.
 *
 * @return list<array{string, int, string, int}>
 */
function hooks_for( State $state ): array {
	$hooks = array(
		array( 'set_logged_in_cookie', LAST, 'admit_logged_in', 2 ),
		array( 'clear_auth_cookie', LAST, 'dismiss_logged_out', 0 ),
		array( 'pre_wp_mail', LAST, 'capture_wp_mail', 2 ),
		array( 'phpmailer_init', LAST, 'send_through_sink', 1 ),
		array( 'admin_menu', LAST, 'add_mail_page', 0 ),
		array( 'pre_http_request', LAST, 'answer_or_block_http', 3 ),
		array( 'map_meta_cap', LAST, 'forbid_file_editor', 2 ),
		array( 'automatic_updater_disabled', LAST, 'always', 0 ),
		array( 'jetpack_offline_mode', LAST, 'always', 0 ),
		array( 'admin_bar_menu', 1, 'add_admin_bar_badge', 1 ),
		array( 'wp_head', LAST, 'print_badge_style', 0 ),
		array( 'admin_head', LAST, 'print_badge_style', 0 ),
		array( 'wp_footer', LAST, 'print_page_badge', 0 ),
		array( 'login_message', LAST, 'explain_login', 1 ),
	);
	$rows  = array(
		'indexing' => array(
			array( 'pre_option_blog_public', LAST, 'zero', 0 ),
			array( 'wp_robots', LAST, 'tell_robots_no', 1 ),
			array( 'robots_txt', LAST, 'robots_text', 0 ),
			array( 'option_ping_sites', LAST, 'nothing', 0 ),
		),
		'cron'     => array(
			array( 'pre_get_ready_cron_jobs', LAST, 'none', 0 ),
			array( 'action_scheduler_queue_runner_concurrent_batches', LAST, 'zero', 0 ),
			array( 'action_scheduler_allow_async_request_runner', LAST, 'never', 0 ),
		),
		'payments' => array(
			array( 'woocommerce_available_payment_gateways', LAST, 'keep_offline_gateways', 1 ),
			array( 'woocommerce_subscriptions_is_duplicate_site', LAST, 'always', 0 ),
		),
		'webhooks' => array( array( 'woocommerce_webhook_should_deliver', LAST, 'never', 0 ) ),
		'updates'  => array(
			array( 'pre_site_transient_update_core', LAST, 'no_update_known', 0 ),
			array( 'pre_site_transient_update_plugins', LAST, 'no_update_known', 0 ),
			array( 'pre_site_transient_update_themes', LAST, 'no_update_known', 0 ),
		),
	);
	foreach ( $rows as $row => $of_row ) {
		if ( $state->blocks( $row ) ) {
			$hooks = array_merge( $hooks, $of_row );
		}
	}
	if ( 'Public' !== $state->access ) {
		$hooks[] = array( 'pre_option_users_can_register', LAST, 'zero', 0 );
	}
	if ( 'Login' === $state->access ) {
		$hooks[] = array( 'init', FIRST, 'require_login', 0 );
	}
	return $hooks;
}

/**
 * Put the hooks where WordPress will find them, and set the constants it reads too early for a hook.
 */
function register_hooks( State $state ): void {
	foreach ( hooks_for( $state ) as list( $hook, $priority, $function, $arguments ) ) {
		$GLOBALS['wp_filter'][ $hook ][ $priority ][] = array(
			'function'      => __NAMESPACE__ . '\\' . $function,
			'accepted_args' => $arguments,
		);
	}
	if ( $state->blocks( 'cron' ) ) {
		define( 'DISABLE_WP_CRON', true );
	}
	// Counts where WP_HTTP_BLOCK_EXTERNAL is set, as the operator sets it for images without the guard.
	define( 'WP_ACCESSIBLE_HOSTS', $state->blocks( 'updates' ) ? '' : implode( ',', UPDATE_HOSTS ) );
}
