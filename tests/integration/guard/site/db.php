<?php
// A drop-in of the site's own, as query monitors and database plugins bring one.
// SPDX-License-Identifier: GPL-2.0-or-later
define( 'ACME_DB_DROP_IN', true );
