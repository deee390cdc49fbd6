<?php
/**
 * Arranges menus, widgets and the nested options that themes and plugins keep.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Arranges it all.
 */
function layout(): int {
	menus();
	widgets();
	options();
	return 3;
}

/**
 * Two menus; one has custom links with absolute addresses and a second level.
 */
function menus(): void {
	$main = wp_create_nav_menu( 'Main menu' );
	foreach ( array( 'Welcome', 'Journal', 'About', 'Über uns' ) as $title ) {
		entry( $main, array( 'menu-item-type' => 'post_type', 'menu-item-object' => 'page', 'menu-item-object-id' => page( $title ) ) );
	}
	$shop = entry( $main, array( 'menu-item-type' => 'custom', 'menu-item-title' => 'Shop', 'menu-item-url' => home_url( '/shop/' ) ) );
	entry( $main, array( 'menu-item-type' => 'custom', 'menu-item-title' => 'Inks & more', 'menu-item-url' => home_url( '/shop/?kind=ink&sort=price#list' ), 'menu-item-parent-id' => $shop ) );
	$foot = wp_create_nav_menu( 'Footer' );
	foreach ( array( 'Imprint', 'Contact' ) as $title ) {
		entry( $foot, array( 'menu-item-type' => 'post_type', 'menu-item-object' => 'page', 'menu-item-object-id' => page( $title ) ) );
	}
	set_theme_mod( 'nav_menu_locations', array( 'main' => $main, 'footer' => $foot ) );
	set_theme_mod( 'header_image', wp_get_attachment_url( pictures()[0] ) );
}

/**
 * One entry of a menu.
 *
 * @param int   $menu Which menu.
 * @param array $item As for wp_update_nav_menu_item.
 */
function entry( int $menu, array $item ): int {
	return wp_update_nav_menu_item( $menu, 0, $item + array( 'menu-item-status' => 'publish' ) );
}

/**
 * Widgets in the sidebar: text with links, a picture, recent posts.
 */
function widgets(): void {
	$picture = pictures()[1];
	update_option( 'widget_text', array( 2 => array( 'title' => 'Opening hours', 'text' => 'Mo–Fr 9–17. <a href="' . home_url( '/contact/' ) . '">Write to us</a>.', 'filter' => true, 'visual' => true ), '_multiwidget' => 1 ) );
	update_option( 'widget_media_image', array( 3 => array( 'attachment_id' => $picture, 'url' => wp_get_attachment_url( $picture ), 'size' => 'medium', 'link_url' => home_url( '/about/' ), 'title' => 'Our mill' ), '_multiwidget' => 1 ) );
	update_option( 'widget_recent-posts', array( 4 => array( 'title' => 'From the journal', 'number' => 5, 'show_date' => true ), '_multiwidget' => 1 ) );
	wp_set_sidebars_widgets( array( 'wp_inactive_widgets' => array(), 'side' => array( 'text-2', 'media_image-3', 'recent-posts-4' ) ) );
}

/**
 * Options as deep as plugins make them: objects, serialized text inside serialized text, addresses as keys.
 */
function options(): void {
	$deep         = new \stdClass();
	$deep->home   = home_url( '/' );
	$deep->others = array( home_url( '/shop/' ) => 'shop', 'plain' => array( 'ratio' => 0.1, 'limit' => PHP_INT_MAX, 'none' => null ) );
	update_option( 'acme_paper_settings', array( 'logo' => content_url( '/uploads/acme/mark.svg' ), 'css' => content_url( '/uploads/acme/custom.css' ), 'object' => $deep ) );
	update_option( 'acme_paper_backup', array( 'when' => BEGINNING, 'data' => serialize( array( 'first' => serialize( array( 'url' => home_url( '/über/' ), 'deep' => $deep ) ) ) ) ) );
	update_option( 'acme_redirects', wp_json_encode( array( array( 'from' => '/old/', 'to' => home_url( '/about/' ) ), array( 'from' => '/press', 'to' => str_replace( 'https:', '', home_url( '/press/' ) ) ) ) ) );
	update_option( 'acme_neighbours', array( 'https://www.acme.test.example/', 'https://notwww.acme.test/', 'mailto:office@acme.test' ) );
	set_transient( 'acme_weather', array( 'from' => home_url( '/' ), 'degrees' => 17.5 ), YEAR_IN_SECONDS );
}
