<?php
/**
 * Sets the Acme Paper theme up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmePaper
 */

defined( 'ABSPATH' ) || exit;

add_action( 'after_setup_theme', 'acme_paper_setup' );
add_action( 'widgets_init', 'acme_paper_sidebars' );
add_action( 'wp_enqueue_scripts', 'acme_paper_styles' );

/**
 * Declares what the theme can show.
 */
function acme_paper_setup(): void {
	add_theme_support( 'title-tag' );
	add_theme_support( 'post-thumbnails' );
	add_theme_support( 'html5', array( 'comment-list', 'gallery', 'style', 'script' ) );
	register_nav_menus(
		array(
			'main'   => 'Main menu',
			'footer' => 'Footer',
		)
	);
}

/**
 * Declares the sidebar.
 */
function acme_paper_sidebars(): void {
	register_sidebar(
		array(
			'name' => 'Side',
			'id'   => 'side',
		)
	);
}

/**
 * Loads the theme's style and the one that the customizer wrote below uploads.
 */
function acme_paper_styles(): void {
	$settings = get_option( 'acme_paper_settings', array() );
	wp_enqueue_style( 'acme-paper', get_stylesheet_uri(), array(), '2.1.0' );
	if ( isset( $settings['css'] ) ) {
		wp_enqueue_style( 'acme-custom', $settings['css'], array( 'acme-paper' ), '7' );
	}
}
