<?php
/**
 * Closes every page.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmePaper
 */

defined( 'ABSPATH' ) || exit;
?>
<footer class="acme-band">
<p><?php bloginfo( 'description' ); ?></p>
<?php
wp_nav_menu(
	array(
		'theme_location' => 'footer',
		'container'      => 'nav',
	)
);
?>
</footer>
<?php wp_footer(); ?>
</body>
</html>
