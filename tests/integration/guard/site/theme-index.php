<?php
// A theme with nothing but the two hooks every theme has.
// SPDX-License-Identifier: GPL-2.0-or-later
?><!DOCTYPE html>
<html <?php language_attributes(); ?>>
<head><meta charset="utf-8"><title><?php bloginfo( 'name' ); ?></title><?php wp_head(); ?></head>
<body <?php body_class(); ?>>
<h1>ACME-HOME</h1>
<?php while ( have_posts() ) { the_post(); the_title( '<h2>', '</h2>' ); } ?>
<?php wp_footer(); ?>
</body>
</html>
