<?php
/**
 * Shows the comments of a post.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmePaper
 */

defined( 'ABSPATH' ) || exit;
?>
<section class="acme-comments">
<ol><?php wp_list_comments( array( 'avatar_size' => 0 ) ); ?></ol>
<?php comment_form(); ?>
</section>
