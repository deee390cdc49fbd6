<?php
/**
 * Shows one post, page or product.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmePaper
 */

defined( 'ABSPATH' ) || exit;
get_header();
?>
<?php if ( is_front_page() ) : ?>
<div class="acme-hero"><h1><?php bloginfo( 'name' ); ?></h1></div>
<?php endif; ?>
<div class="acme-frame"><main>
<?php while ( have_posts() ) : ?>
	<?php the_post(); ?>
	<article>
	<h1><?php echo esc_html( get_the_title() ); ?></h1>
	<?php the_post_thumbnail( 'large' ); ?>
	<?php the_content(); ?>
	</article>
	<?php comments_template(); ?>
<?php endwhile; ?>
</main>
<aside class="acme-side"><?php dynamic_sidebar( 'side' ); ?></aside>
</div>
<?php
get_footer();
