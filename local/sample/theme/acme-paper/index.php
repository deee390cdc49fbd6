<?php
/**
 * Shows lists of posts and products.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmePaper
 */

defined( 'ABSPATH' ) || exit;
get_header();
?>
<div class="acme-frame"><main>
<?php while ( have_posts() ) : ?>
	<?php the_post(); ?>
	<article class="acme-card">
	<?php the_post_thumbnail( 'medium' ); ?>
	<h2><a href="<?php the_permalink(); ?>"><?php echo esc_html( get_the_title() ); ?></a></h2>
	<p><?php echo esc_html( get_the_date() ); ?></p>
	<?php the_excerpt(); ?>
	</article>
<?php endwhile; ?>
<?php the_posts_pagination(); ?>
</main>
<aside class="acme-side"><?php dynamic_sidebar( 'side' ); ?></aside>
</div>
<?php
get_footer();
