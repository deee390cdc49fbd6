<?php
/**
 * Opens every page.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmePaper
 */

defined( 'ABSPATH' ) || exit;
?><!DOCTYPE html>
<html <?php language_attributes(); ?>>
<head>
<meta charset="<?php bloginfo( 'charset' ); ?>">
<meta name="viewport" content="width=device-width, initial-scale=1">
<?php wp_head(); ?>
</head>
<body <?php body_class( is_front_page() ? 'acme-home' : '' ); ?>>
<?php wp_body_open(); ?>
<header class="acme-top">
<?php $acme_paper_settings = get_option( 'acme_paper_settings', array() ); ?>
<?php if ( isset( $acme_paper_settings['logo'] ) ) : ?>
<img src="<?php echo esc_url( $acme_paper_settings['logo'] ); ?>" width="40" height="40" alt="">
<?php endif; ?>
<a class="name" href="<?php echo esc_url( home_url( '/' ) ); ?>"><?php bloginfo( 'name' ); ?></a>
<?php
wp_nav_menu(
	array(
		'theme_location' => 'main',
		'container'      => 'nav',
	)
);
?>
</header>
