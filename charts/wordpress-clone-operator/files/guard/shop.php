<?php
/**
 * Keeps a copied shop from charging anybody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * Leave only WooCommerce's own gateways that move no money by themselves, so that a checkout can be tried.
 *
 * @param mixed $gateways Gateways by id.
 * @return array<string, object>
 */
function keep_offline_gateways( mixed $gateways ): array {
	return array_intersect_key( is_array( $gateways ) ? $gateways : array(), array_flip( array( 'bacs', 'cheque', 'cod' ) ) );
}
