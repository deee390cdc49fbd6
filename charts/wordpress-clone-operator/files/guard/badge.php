<?php
/**
 * Shows everybody who gets in that this is a clone: of what, until when, and how to keep it longer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * "ends 18:04 UTC, in 3 h", for a time and the present. Pure.
 */
function end_phrase( ?int $ends, int $now ): string {
	if ( null === $ends ) {
		return 'no end is set';
	}
	$left = $ends - $now;
	if ( $left <= 0 ) {
		return 'has ended';
	}
	$day = match ( true ) {
		gmdate( 'Y-m-d', $ends ) === gmdate( 'Y-m-d', $now ) => '',
		gmdate( 'Y', $ends ) === gmdate( 'Y', $now ) => gmdate( 'j M ', $ends ),
		default => gmdate( 'j M Y ', $ends ),
	};
	return 'ends ' . $day . gmdate( 'H:i', $ends ) . ' UTC, in ' . match ( true ) {
		$left < 90 * 60 => max( 1, intdiv( $left, 60 ) ) . ' min',
		$left < 48 * 3600 => (int) round( $left / 3600 ) . ' h',
		default => (int) round( $left / 86400 ) . ' days',
	};
}

/**
 * The command that gives the clone four more hours; empty when it has no end. Pure.
 */
function extend_command( State $state ): string {
	if ( null === $state->ends || '' === $state->name ) {
		return '';
	}
	$until = gmdate( 'Y-m-d\TH:i:s\Z', $state->ends + 4 * 3600 );
	return "kubectl patch wpc {$state->name} --type=merge -p '{\"spec\":{\"extendUntil\":\"$until\"}}'";
}

function badge_title( State $state, int $now ): string {
	$of = '' === $state->source ? '' : ' of ' . preg_replace( '~^https?://~', '', $state->source );
	return "Clone$of, " . end_phrase( $state->ends, $now );
}

/**
 * The badge in the admin bar, with its details below it.
 */
function add_admin_bar_badge( \WP_Admin_Bar $bar ): void {
	$state = state();
	$bar->add_node(
		array(
			'id'    => 'wpclone',
			'title' => esc_html( badge_title( $state, time() ) ),
			'href'  => current_user_can( MAIL_CAPABILITY ) ? admin_url( 'tools.php?page=' . MAIL_PAGE ) : false,
			'meta'  => array( 'title' => 'This is a clone: nothing you do here reaches the original.' ),
		)
	);
	$lines = array(
		'safety' => 'No mail leaves it, nobody is charged, the original is never touched.',
		'guard'  => sprintf( 'Guard %s', VERSION ),
	);
	if ( current_user_can( MAIL_CAPABILITY ) && '' !== extend_command( $state ) ) {
		$lines['extend'] = 'Keep it longer: ' . extend_command( $state );
	}
	foreach ( $lines as $id => $text ) {
		$bar->add_node(
			array(
				'parent' => 'wpclone',
				'id'     => "wpclone-$id",
				'title'  => esc_html( $text ),
			)
		);
	}
}

function print_badge_style(): void {
	if ( ! shows_badge() ) {
		return;
	}
	echo '<style id="wpclone-badge-style">'
		. '#wpadminbar #wp-admin-bar-wpclone>.ab-item{background:#b3420f;color:#fff;font-weight:600}'
		. '#wpadminbar #wp-admin-bar-wpclone .ab-submenu .ab-item{height:auto;white-space:normal;max-width:34rem;user-select:text}'
		. '#wpclone-badge{position:fixed;z-index:99998;left:12px;bottom:12px;max-width:calc(100vw - 24px);box-sizing:border-box;'
		. 'margin:0;padding:6px 12px;border-radius:6px;background:#b3420f;color:#fff;font:600 13px/1.5 system-ui,sans-serif;'
		. 'box-shadow:0 1px 5px rgba(0,0,0,.4)}@media print{#wpclone-badge{display:none}}</style>' . "\n";
}

/**
 * The badge on pages, for whoever came through the gate; the public of a public clone sees the site alone.
 */
function print_page_badge(): void {
	if ( ! shows_badge() ) {
		return;
	}
	printf(
		'<aside id="wpclone-badge" aria-label="%s">%s</aside>' . "\n",
		esc_attr( 'About this copy' ),
		esc_html( badge_title( state(), time() ) )
	);
}

function shows_badge(): bool {
	return 'Public' !== state()->access || is_user_logged_in();
}

/**
 * What the login form says above its fields.
 */
function explain_login( mixed $message ): string {
	return (string) $message . sprintf(
		'<p class="message" id="wpclone-login">%s</p>',
		esc_html( 'This is a private clone. Its administrator is in the credentials Secret of the clone; accounts of the original work too.' )
	);
}
