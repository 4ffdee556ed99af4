/** Tests of the admin console, most of them in front of a real PostgreSQL. */
@NullMarked
package io.pgnode.gateway.pooler.console;

import org.jspecify.annotations.NullMarked;
