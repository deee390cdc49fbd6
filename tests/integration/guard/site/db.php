<?php
// A drop-in of the site's own, as query monitors and database plugins bring one.
define( 'ACME_DB_DROP_IN', true );
